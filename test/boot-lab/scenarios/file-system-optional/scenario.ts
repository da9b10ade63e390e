import { Duration } from 'aws-cdk-lib';
import { MountFailureAction, SharedFileSystem } from '../../../../lib';
import { RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'a shared file system that the node may do without never answers: a warning, and ready',
  runsOn: [RPM_LOGIN],
  input: {
    cluster: () => ({
      fileSystems: [
        SharedFileSystem.nfs({
          server: 'nfs.lab.test',
          mountPath: '/scratch',
          timeout: Duration.seconds(3),
          onFailure: MountFailureAction.IGNORE,
        }),
      ],
    }),
  },
  world: () => ({ fileSystemsAvailable: false }),
  verdict: 'ready',
  exempt: { 'clean boot': 'the mount unit of the file system that is away has failed' },
  expect: (seen, check) => {
    check.matches(seen.log('setup'), /WARNING .*scratch/, 'log of setup');
    check.that(seen.live?.mounts.some((line) => line.startsWith('/scratch')) === false, 'something is mounted on /scratch');
  },
});
