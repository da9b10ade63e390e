import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

/** Seconds in which a session has to be back. */
const BACK_SECONDS = 60;

export default scenario({
  summary: 'the owner logs out, then the shell of the desktop crashes: each time the session is back, also where the server ends with it',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  verdict: 'ready',
  play: async (lab) => {
    // Only one of them: versions of the server differ in it.
    if (lab.run.variant.family === 'rpm') lab.machine.write('/var/lib/lab/desktop/server-ends-with-session', '');
    await lab.machine.run();
    const sessions = (): number => (lab.machine.read('/var/lib/lab/dcv-sessions') ?? '').split('\n').length - 1;
    const shell = async (): Promise<string> => (await lab.machine.inside('pgrep', '--uid', 'ada', '--exact', 'gnome-shell')).output.trim();
    for (const [index, signal] of ['TERM', 'KILL'].entries()) {
      const before = await shell();
      const start = Date.now();
      await lab.machine.inside('kill', `-${signal}`, before);
      await lab.until(`session ${index + 2}`, () => sessions() === index + 2);
      let after = '';
      while (after === '' && Date.now() - start < 2 * BACK_SECONDS * 1000) after = await shell();
      lab.notes[`after ${signal}`] = `${after !== '' && after !== before ? 'another shell' : 'no shell'}, ${
        (Date.now() - start) / 1000 < BACK_SECONDS ? 'in time' : 'late'
      }`;
    }
    lab.notes.server = (await lab.machine.inside('systemctl', 'is-active', 'dcvserver')).output.trim();
  },
  expect: (seen, check) => {
    check.equal(
      [seen.notes['after TERM'], seen.notes['after KILL']],
      ['another shell, in time', 'another shell, in time'],
      'after the log-out and after the crash',
    );
    check.equal(seen.notes.server, 'active', 'state of the server');
    check.equal(
      seen.commands.filter((command) => command.startsWith('dcv close-session')),
      [],
      'sessions that were closed',
    );
  },
});
