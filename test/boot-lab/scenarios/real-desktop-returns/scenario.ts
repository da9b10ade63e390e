import { Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

/** Seconds in which a desktop has to be there again. */
const LIMIT = 60;

export default scenario({
  summary: 'a desktop that is logged out of, whose shell crashes, whose X server dies: there again within a minute',
  runsOn: [DESKTOP_MACHINE],
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    const desktop = new Desktop(lab);
    await lab.machine.run();
    await desktop.untilDrawn('first');
    const again = async (name: string, end: () => Promise<void>): Promise<void> => {
      const before = await desktop.shell();
      await end();
      const start = Date.now();
      lab.notes[name] = String(
        await desktop.holds(LIMIT, async () => {
          const now = await desktop.shell();
          return now !== undefined && now !== before && (await desktop.isDrawn(name));
        }),
      );
      lab.notes[`${name} seconds`] = ((Date.now() - start) / 1000).toFixed(0);
    };
    // The user's own manager outlives a session then, with what the session has left in it.
    await lab.machine.inside('loginctl', 'enable-linger', 'ada');
    await again('crash', async () => desktop.crash());
    await again('logout', async () => desktop.logOut());
    await again('xserver', async () => void (await lab.machine.inside('pkill', '-KILL', '-x', 'Xdcv')));
  },
  expect: (seen, check) => {
    for (const name of ['crash', 'logout', 'xserver']) check.equal(seen.notes[name], 'true', `a desktop within ${LIMIT} s after: ${name}`);
    check.that(seen.live?.activeUnits.includes('dcvserver.service') === true, 'the DCV server does not run');
  },
});
