import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the packages of the desktop need a reboot: it comes after they are installed and before the first session',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/var/lib/lab/desktop/needs-reboot', 'gnome-session\n');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, 'setup@1 setup_post_reboot@1 virtual_desktop@2 setup_user_customization@2', 'phases');
    check.equal(seen.installs, 'setup@1 virtual_desktop@1', 'installs');
    check.equal(seen.dcvSessions, ['session-1'], 'DCV sessions that were created');
  },
});
