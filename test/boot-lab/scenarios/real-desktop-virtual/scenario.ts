import { Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

export default scenario({
  summary: 'a virtual session of a real GNOME: what its owner sees',
  runsOn: [DESKTOP_MACHINE],
  verdict: 'ready',
  play: async (lab) => {
    const desktop = new Desktop(lab);
    await lab.machine.run();
    lab.notes.drawn = String(await desktop.untilDrawn('virtual'));
    lab.notes.shell = (await desktop.shell()) ?? 'none';
  },
  expect: (seen, check) => {
    check.equal(seen.dcvSessions, ['session-1'], 'DCV sessions that were created');
    check.matches(seen.notes.shell, /^\d+$/, 'process of the shell');
  },
});
