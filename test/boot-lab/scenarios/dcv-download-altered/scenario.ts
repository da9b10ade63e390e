import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the DCV archive is not the one that was pinned: failed, and nothing of it is installed',
  runsOn: [RPM_DESKTOP],
  world: () => ({ faults: [{ on: 'downloads:*', effect: { kind: 'corrupt' } }] }),
  verdict: 'failed',
  expect: (seen, check) => {
    check.matches(seen.reason, /sha256/, 'reason tag');
    check.that(!seen.installed.includes('nice-dcv-server'), 'the altered server was installed');
  },
});
