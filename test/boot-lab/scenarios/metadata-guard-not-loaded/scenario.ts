import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a ready node boots again and nft has broken: nobody can log in, at no door',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  verdict: 'ready',
  exempt: {
    'nobody but root reaches the role': 'the rule cannot be set, and so nobody gets in',
    'clean boot': 'the guard has failed, and what waits for it',
  },
  play: async (lab) => {
    await lab.machine.run();
    await lab.machine.powerOff();
    lab.machine.write('/usr/sbin/nft', '#!/bin/sh\nexit 1\n');
    await lab.machine.run();
    lab.notes.noLogin = (await lab.machine.inside('ls', '/run/nologin')).output.trim();
  },
  expect: (seen, check, { family, kind }) => {
    check.that(seen.live?.failedUnits.includes('cluster-node-metadata-guard.service') === true, 'the guard has not failed');
    const doors = [family === 'rpm' ? 'sshd.service' : 'ssh.service', 'systemd-user-sessions.service', 'cron.service'];
    if (kind === 'desktop') doors.push('dcvserver.service', 'gdm.service');
    check.equal(
      doors.filter((door) => seen.live?.activeUnits.includes(door)),
      [],
      'services that let users in',
    );
    check.equal(seen.notes.noLogin, '/run/nologin', 'what keeps users out');
  },
});
