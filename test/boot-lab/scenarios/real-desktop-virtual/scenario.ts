import { checkFirstLook, Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

export default scenario({
  summary: 'a virtual session of a real GNOME: what its owner sees at once, what opens by itself, the lock',
  runsOn: [DESKTOP_MACHINE],
  input: { node: () => ({ lockOnDisconnect: true }) },
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    const { machine, notes } = lab;
    const desktop = new Desktop(lab);
    lab.meanwhile(async () => {
      await lab.call('ec2', 'CreateTags');
      notes.firstColours = String(await desktop.picture('ready', 60));
    });
    await machine.run();
    await desktop.untilDrawn('first');
    Object.assign(notes, await desktop.look('virtual'));
    notes.terminal = JSON.stringify(await desktop.terminal());
    notes.secret = String((await desktop.storeSecret()).status);
    notes.promptsOfSecret = JSON.stringify(await desktop.open());
    await desktop.visit();
    notes.locked = String(await desktop.holds(15, async () => desktop.isLocked()));
    await desktop.picture('locked');
    await desktop.unlock();
    notes.unlocked = String(await desktop.holds(15, async () => !(await desktop.isLocked())));
    await desktop.picture('unlocked');
  },
  expect: (seen, check) => {
    const { notes } = seen;
    checkFirstLook(notes, check);
    // Without locales, as in this image, it fails before it shows anything.
    const assistants = seen.boots.flatMap((boot) => seen.trace(boot).running(([program]) => /\/gnome-initial-setup$/.test(program)));
    check.equal(assistants.length, 0, 'times that the assistant of a first login was started');
    check.equal(notes.secret, '0', 'status of a program that stores a secret');
    check.equal(JSON.parse(notes.promptsOfSecret), [], 'windows that open when a program stores a secret');
    check.equal(notes.locked, 'true', 'locked after the last client has left');
    check.equal(notes.unlocked, 'true', "opened again by the owner's password");
  },
});
