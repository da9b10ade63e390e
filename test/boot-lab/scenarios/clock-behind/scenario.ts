import { setTimeout as sleep } from 'node:timers/promises';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: "the machine's clock is an hour behind until its time service has set it: calls that AWS refused are made again, to ready",
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  world: () => ({ clockAheadSeconds: 3600 }),
  verdict: 'ready',
  exempt: { 'no refused call': 'a clock that is wrong makes AWS refuse' },
  play: async (lab) => {
    lab.meanwhile(async () => {
      await lab.call('s3');
      await sleep(5000);
      await lab.services.change({ clockAheadSeconds: 0 });
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.callsOf('s3')[0]?.error, 'RequestTimeTooSkewed', 'first answer of S3');
    check.equal(seen.callsOf('s3').at(-1)?.status, 200, 'last answer of S3');
  },
});
