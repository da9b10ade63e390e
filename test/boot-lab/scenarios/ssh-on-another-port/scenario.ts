import { DEB_LOGIN, RPM_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary:
    'the SSH server of the image listens on a port of an address alone, which the setting of ports does not name: ready when it does',
  runsOn: [RPM_LOGIN, DEB_LOGIN],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/etc/ssh/sshd_config.d/10-lab.conf', 'ListenAddress 0.0.0.0:2222\n');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@1 setup_post_reboot@1 login_node@1 setup_user_customization@1$/, 'phases');
  },
});
