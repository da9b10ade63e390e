import { Duration } from 'aws-cdk-lib';
import { SharedFileSystem } from '../../../../lib';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the shared file system never answers: failed when its time is up, with its name in the reason',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  input: {
    cluster: () => ({ fileSystems: [SharedFileSystem.nfs({ server: 'nfs.lab.test', mountPath: '/apps', timeout: Duration.seconds(12) })] }),
  },
  world: () => ({ fileSystemsAvailable: false }),
  verdict: 'failed',
  withinSeconds: 60,
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1!113', 'phases');
    const seconds = Math.round(seen.phases[0]?.seconds ?? 0);
    check.that(seconds <= 50, `setup waited ${seconds} s for a file system that it may wait 12 s for`);
    check.matches(seen.reason, /file system apps .*\/apps/, 'reason tag');
  },
});
