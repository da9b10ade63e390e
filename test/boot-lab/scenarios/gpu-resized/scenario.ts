import { DcvSessionType } from '../../../../lib';
import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'an instance that is resized: to another GPU, and to none; what draws is found again at each boot',
  runsOn: [DEB_DESKTOP],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE }) },
  verdict: 'ready',
  play: async (lab) => {
    const note = (name: string): void => {
      lab.notes[name] = lab.machine.read('/etc/X11/xorg.conf') ?? 'none';
    };
    lab.addGpu();
    await lab.machine.run();
    note('at first');
    await lab.machine.powerOff();
    lab.addGpu('0000:31:0a.0');
    await lab.machine.run();
    note('resized');
    await lab.machine.powerOff();
    lab.addGpu(null, false);
    await lab.machine.run();
    note('without');
  },
  expect: (seen, check) => {
    check.matches(seen.notes['at first'], /BusID "PCI:0:30:0"/, 'X configuration at first');
    check.matches(seen.notes.resized, /BusID "PCI:49:10:0"/, 'X configuration of another GPU');
    check.equal(seen.notes.without, 'none', 'X configuration without a GPU');
    check.matches(seen.machine.read('/etc/X11/xorg.conf.d/20-cluster-node-dummy.conf'), /Driver "dummy"/, 'display without a GPU');
  },
});
