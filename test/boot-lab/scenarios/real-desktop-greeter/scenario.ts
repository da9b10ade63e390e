import { ConsoleLogin, DcvSessionType } from '../../../../lib';
import { Desktop, GREETER } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

export default scenario({
  summary: 'a console session of a real gdm with its greeter: the owner chooses the own name there and gives the password to PAM',
  runsOn: [DESKTOP_MACHINE],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE, consoleLogin: ConsoleLogin.GREETER }) },
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    const desktop = new Desktop(lab, 'console');
    const greeter = new Desktop(lab, 'console', GREETER);
    lab.meanwhile(async () => {
      await lab.call('ec2', 'CreateTags');
      lab.notes.shells = `${(await greeter.shell()) !== undefined} ${(await desktop.shell()) !== undefined}`;
      lab.notes.firstColours = String(await desktop.picture('greeter'));
    });
    await lab.machine.run();
    await desktop.logIn();
    lab.notes.loggedIn = String(await desktop.holds(60, async () => (await desktop.shell()) !== undefined));
    await desktop.untilDrawn('logged-in');
    Object.assign(lab.notes, await desktop.look('desktop'));
  },
  expect: ({ notes }, check) => {
    check.equal(notes.shells, 'true false', 'shells of the greeter and of the owner when the node is ready');
    check.that(Number(notes.firstColours) > 1, `the node said that it is ready, and its picture has ${notes.firstColours} colours`);
    check.equal(notes.loggedIn, 'true', 'the owner is logged in by the password');
    check.equal(JSON.parse(notes.open), [], 'windows, notices and assistants on the first screen');
  },
});
