import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'Windows Update waits for a restart: made first, and the node goes on after it',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => {
    const key = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired';
    lab.meanwhile(async () => {
      await lab.until('the first boot', () => lab.machine.boots.length === 1);
      await lab.machine.program('reg.exe', 'add', key, '/f');
      // Windows forgets it with the restart.
      await lab.until('the second boot', () => lab.machine.boots.length === 2);
      await lab.machine.program('reg.exe', 'delete', key, '/f');
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.boots.length, 2, 'boots');
    check.equal(seen.order, plainOrder({ setup_post_reboot: 2 }), 'steps');
  },
});
