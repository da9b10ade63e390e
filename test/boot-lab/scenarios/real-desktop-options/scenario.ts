import { DcvAccess } from '../../../../lib';
import { Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

export default scenario({
  summary: 'options of a real desktop: permissions and a collaborator, no lock, and a proxy in the shell of a terminal',
  runsOn: [DESKTOP_MACHINE],
  input: {
    cluster: () => ({ proxy: { httpProxy: 'http://proxy.lab.test:3128' } }),
    node: () => ({
      dcv: {
        permissions: { clipboardCopy: false, fileDownload: false },
        collaborators: [{ user: 'grace', access: DcvAccess.VIEW }],
      },
    }),
  },
  world: () => ({ onlyThroughProxy: true }),
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    const { notes } = lab;
    const desktop = new Desktop(lab);
    await lab.machine.run();
    await desktop.untilDrawn('options');
    notes.terminal = JSON.stringify(await desktop.terminal());
    await desktop.visit();
    notes.locked = String(await desktop.holds(5, async () => desktop.isLocked()));
    notes.owner = JSON.stringify((await desktop.features()) ?? []);
    notes.collaborator = JSON.stringify((await desktop.features('grace')) ?? []);
    notes.stranger = JSON.stringify((await desktop.features('mallory')) ?? []);
  },
  expect: (seen, check) => {
    const terminal = JSON.parse(seen.notes.terminal) as Readonly<Record<string, string>>;
    for (const name of ['http_proxy', 'https_proxy'])
      check.equal(terminal[name], 'http://proxy.lab.test:3128', `${name} in the shell of a terminal`);
    check.matches(terminal.no_proxy, /169\.254\.169\.254/, 'no_proxy in the shell of a terminal');
    check.equal(seen.notes.locked, 'false', 'locked after the last client has left, where nobody asked for it');
    const of = (user: string): readonly string[] => JSON.parse(seen.notes[user]) as readonly string[];
    for (const feature of ['display', 'keyboard', 'clipboard-paste', 'file-upload'])
      check.that(of('owner').includes(feature), `the owner may not ${feature}`);
    for (const feature of ['clipboard-copy', 'file-download', 'printer', 'usb'])
      check.that(!of('owner').includes(feature), `the owner may ${feature}`);
    check.that(of('collaborator').includes('display'), 'the collaborator may not see the desktop');
    check.that(!of('collaborator').includes('unsupervised-access'), 'the collaborator may come in without the owner');
    check.equal(of('stranger'), [], 'features of somebody else');
  },
});
