import { DEB_LOGIN, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the package mirror never answers well: bounded retries, then failed',
  runsOn: [RPM_LOGIN, DEB_LOGIN],
  world: () => ({ faults: [{ on: 'packages:*', effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }] }),
  verdict: 'failed',
  // apt has retries of its own in each of the attempts.
  withinSeconds: 400,
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1!113', 'phases');
    check.matches(seen.reason, /setup/, 'reason tag');
    check.that(seen.callsOf('packages').length > 1, 'the mirror was asked only once');
  },
});
