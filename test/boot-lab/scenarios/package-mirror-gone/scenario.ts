import { DEB_LOGIN, NOT_YET_GUARDED, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the package mirror never answers well: bounded retries, then failed',
  runsOn: [RPM_LOGIN, DEB_LOGIN],
  world: () => ({ faults: [{ on: 'packages:*', effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }] }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  // apt has retries of its own in each of the attempts.
  withinSeconds: 400,
  waits: true,
  expect: (seen, check, { family }) => {
    check.equal(seen.order, 'setup.install@1!113', 'phases');
    check.matches(
      seen.reason,
      family === 'deb'
        ? /phase setup\.install: update of packages failed with status 100: E: Some index files failed to download/
        : /phase setup\.install: install of packages failed with status 1: Error: /,
      'reason tag',
    );
    check.equal(
      seen.log('setup.install').match(/the package manager ended with status \d+; again in/g)?.length,
      7,
      'attempts after the first',
    );
  },
});
