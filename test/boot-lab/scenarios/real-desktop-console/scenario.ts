import { DcvSessionType } from '../../../../lib';
import { Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

export default scenario({
  summary: 'a console session of a real gdm and GNOME: the owner is logged in, behind the login of DCV',
  runsOn: [DESKTOP_MACHINE],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE }) },
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    const { machine, notes } = lab;
    const desktop = new Desktop(lab, 'console');
    lab.meanwhile(async () => {
      await lab.call('ec2', 'CreateTags');
      notes.firstColours = String(await desktop.picture('ready'));
    });
    await machine.run();
    notes.loggedIn = String(await desktop.holds(30, async () => (await desktop.shell()) !== undefined));
    await desktop.untilDrawn('first');
    Object.assign(notes, await desktop.look('console'));
    notes.terminal = JSON.stringify(await desktop.terminal());
    await desktop.visit();
    notes.locked = String(await desktop.holds(15, async () => desktop.isLocked()));
    await desktop.picture('locked');
  },
  expect: (seen, check) => {
    const { notes } = seen;
    check.equal(notes.loggedIn, 'true', 'the owner is logged in');
    check.that(Number(notes.firstColours) > 1, `the node said that it is ready, and its picture has ${notes.firstColours} colours`);
    check.equal(JSON.parse(notes.open), [], 'windows, notices and assistants on the first screen');
    check.equal(notes.overview, 'false', 'the overview instead of the desktop');
    const terminal = JSON.parse(notes.terminal) as Readonly<Record<string, string>>;
    check.equal(terminal.CLUSTER_NODE_INSTANCE_ID, 'i-0123456789abcdef0', 'CLUSTER_NODE_INSTANCE_ID in the shell of a terminal');
    check.equal(notes.locked, 'true', 'locked after the last client has left');
  },
});
