import { DCV_DOWNLOAD_HOST } from '../../image/package-repositories';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the DCV download breaks off, then comes whole: ready',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  world: () => ({
    faults: [{ on: 'downloads:*', where: { host: DCV_DOWNLOAD_HOST }, times: 1, effect: { kind: 'truncate', share: 0.5 } }],
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.callsOf('downloads').filter((call) => call.arguments.host === DCV_DOWNLOAD_HOST).length, 2, 'downloads');
  },
});
