import { HOST_KEYS_SECRET } from '../../app/node-under-test';
import { World } from '../../services/world';
import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'nothing goes wrong: every phase once, in one boot, and what each leaves on the node',
  smoke: [RPM_DESKTOP, DEB_LOGIN],
  verdict: 'ready',
  withinSeconds: 60,
  expect: (seen, check, { family, kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    check.equal(seen.order, `setup@1 setup_post_reboot@1 ${extra}@1 setup_user_customization@1`, 'phases');
    const { total, ...steps } = seen.phaseSeconds;
    const wanted = ['setup.install', 'setup', 'setup_post_reboot', `${extra}.install`, extra, 'setup_user_customization'];
    check.equal(Object.keys(steps), [...wanted, ...(kind === 'desktop' ? ['virtual_desktop.check'] : [])], 'steps whose seconds are told');
    const sum = Object.values(steps).reduce((all, seconds) => all + seconds, 0);
    const took = (seen.boots[0].end - seen.boots[0].start) / 1000;
    check.that(sum <= total && total <= took, `expected a total of at least ${sum} s, and at most ${took} s, got ${total} s`);
    check.equal(
      seen.boots.map((boot) => [boot.ended, boot.systemState]),
      [['settled', 'running']],
      'boots',
    );
    check.equal(
      seen.callsOf('s3').map((call) => call.operation),
      ['GetObject'],
      'S3 calls',
    );
    check.equal(seen.callsOf('secretsmanager').length, kind === 'login' ? 1 : 0, 'secrets that were fetched');
    const profile = seen.machine.read('/etc/profile.d/cluster-node.sh') ?? '';
    check.matches(profile, /^export CLUSTER_NODE_INSTANCE_ID='i-0123456789abcdef0'$/m, 'environment of users');
    check.that(seen.installed.includes('chrony'), 'chrony was not installed');
    check.that(seen.live?.activeUnits.includes(family === 'rpm' ? 'chronyd.service' : 'chrony.service') === true, 'chrony does not run');
    check.that(
      family === 'rpm' ? seen.installed.includes('awscli-2') : seen.machine.read('/usr/local/aws-cli/dist/aws') !== undefined,
      'the AWS CLI is not there',
    );
    check.equal(new Set(seen.installed).size, seen.installed.length, 'packages that were installed more than once');
    if (kind === 'login') {
      check.equal(seen.machine.read('/etc/ssh/ssh_host_ecdsa_key')?.trim(), hostKey(seen.world), 'host key');
      check.that(
        seen.live?.activeUnits.includes(family === 'rpm' ? 'sshd.service' : 'ssh.service') === true,
        'the SSH server does not run',
      );
      return;
    }
    check.matches(seen.machine.read('/etc/passwd'), /^ada:x:\d+:\d+:[^:]*:\/home\/ada:\/bin\/bash$/m, 'session owner');
    check.that(seen.live?.activeUnits.includes('dcvserver.service') === true, 'the DCV server does not run');
    check.equal(seen.dcvSessions, ['session-1'], 'DCV sessions that were created');
    const created = seen.commands.find((command) => command.startsWith('dcv create-session'));
    check.matches(created, /--owner ada .* session-1$/, 'DCV session');
  },
});

function hostKey(world: World): string {
  return (JSON.parse(world.secrets[HOST_KEYS_SECRET]) as Readonly<Record<string, string>>).ssh_host_ecdsa_key.trim();
}
