import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the DCV download breaks off, then comes whole: ready',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  world: () => ({ faults: [{ on: 'downloads:*', times: 1, effect: { kind: 'truncate', share: 0.5 } }] }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.callsOf('downloads').length, 2, 'downloads');
  },
});
