import { SharedFileSystem } from '../../../../lib';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'the logs of the bootstrap are copied to the shared file system, by cluster and node type',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  input: { cluster: () => ({ fileSystems: [SharedFileSystem.nfs({ server: 'nfs.lab.test', mountPath: '/apps' })] }) },
  verdict: 'ready',
  expect: (seen, check, { kind }) => {
    const nodeType = kind === 'desktop' ? 'dcv_node' : 'login_node';
    const files = seen.filesBelow(`/var/lib/lab/exports/nfs.lab.test/lab/cluster_node_bootstrap/logs/${nodeType}`);
    for (const log of ['runner.log', 'setup.log', 'setup_user_customization.log'])
      check.that(
        files.some((file) => file.endsWith(`/${log}`)),
        `${log} was not copied, there are: ${files.join(', ')}`,
      );
  },
});
