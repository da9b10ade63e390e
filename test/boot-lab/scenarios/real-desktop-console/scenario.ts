import { DcvSessionType } from '../../../../lib';
import { Misbehaviour } from '../../check';
import { checkFirstLook, Desktop } from '../../desktop';
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
      notes.firstColours = String(await desktop.picture('ready', 60));
    });
    await machine.run();
    if (!(await desktop.holds(30, async () => (await desktop.shell()) !== undefined))) throw new Misbehaviour('the owner is not logged in');
    await desktop.untilDrawn('first');
    Object.assign(notes, await desktop.look('console'));
    notes.terminal = JSON.stringify(await desktop.terminal());
    await desktop.visit();
    notes.locked = String(await desktop.holds(15, async () => desktop.isLocked()));
    await desktop.picture('locked');
  },
  expect: (seen, check) => {
    const { notes } = seen;
    checkFirstLook(notes, check);
    check.equal(notes.locked, 'true', 'locked after the last client has left');
  },
});
