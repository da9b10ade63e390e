import { NOT_YET_GUARDED, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the metadata service drops every call for the project tag: failed, and nobody takes the tag for absent',
  runsOn: [RPM_DESKTOP],
  world: () => ({ faults: [{ on: 'imds:*/cluster-node:Project', effect: { kind: 'disconnect' } }] }),
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  withinSeconds: 200,
  waits: true,
  expect: (seen, check) => {
    check.equal(seen.order, '', 'phases');
    check.matches(seen.reason, /cannot read the instance tag cluster-node:Project/, 'reason tag');
  },
});
