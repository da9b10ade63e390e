import { mutant, type Mutant, RUNNER, runner, withoutEnd } from './mutant';

const HOLD = 'templates/linux/updates/hold_updates.sh.j2';
const RESTARTS = 'templates/linux/updates/service_restarts.sh.j2';
const AGENT = 'templates/linux/agents/cloudwatch_configuration.sh.j2';
const DESKTOP = 'compute_node/extra/virtual_desktop.sh.j2';

/** Updates beside the bootstrap, the proxy of what runs by itself, ports of the SSH server. */
export const PLATFORM_MUTANTS: readonly Mutant[] = [
  mutant(
    'agent-with-a-key-it-does-not-know',
    AGENT,
    '"log_group_name": "%s"',
    '"log_group": "%s"',
    'cloudwatch-agent/rpm-desktop',
    /^the agent does not run$/,
  ),
  mutant('agent-is-not-started', AGENT, ' -m ec2 -s -c ', ' -m ec2 -c ', 'cloudwatch-agent/deb-login', /^the agent does not run$/),
  mutant(
    'updates-are-not-held',
    RUNNER,
    '  hold_updates\n  run_phases\n',
    '  run_phases\n',
    'updates-wait-for-verdict/deb-login',
    /^when updates ran: /,
  ),
  mutant(
    'updates-are-held-in-one-boot-alone',
    HOLD,
    '/etc/systemd/system/%s.d/',
    '/run/systemd/system/%s.d/',
    'updates-wait-for-verdict/deb-login',
    /^when updates ran: /,
  ),
  mutant(
    'updates-are-held-for-ever',
    runner('verdict'),
    '  release_updates\n',
    '',
    'updates-wait-for-verdict/deb-desktop',
    /^what held them is still there$/,
  ),
  mutant(
    'needrestart-may-restart-the-bootstrap',
    RESTARTS,
    '$nrconf{override_rc}{qr(^cluster-node)} = 0;\n',
    '',
    'upgrade-beside-bootstrap/deb-login',
    /^\[one true verdict\] signals: expected \["SUCCESS"\], got \[\]$/,
  ),
  mutant(
    'dnf-has-no-proxy-of-its-own',
    'templates/linux/proxy/dnf_proxy.sh.j2',
    'if (main && proxy != "") {',
    'if (0) {',
    'behind-proxy/rpm-desktop',
    /^an installation without an environment: /,
  ),
  mutant(
    'dcv-server-has-no-proxy',
    DESKTOP,
    '  use_proxy_in_service dcvserver.service\n',
    '',
    'behind-proxy/rpm-desktop',
    /^environment of the DCV server: /,
  ),
  withoutEnd(
    mutant(
      'ssh-ports-by-the-setting-of-ports',
      'templates/linux/login/ssh_server.sh.j2',
      "'s/^listenaddress .*:([0-9]+)$/\\1/p'",
      "'s/^port ([0-9]+)$/\\1/p'",
      'ssh-on-another-port/rpm-login',
      /^phases: .* got "setup@1 setup_post_reboot@1 login_node@1!(cut|\d+)"$/,
    ),
  ),
];
