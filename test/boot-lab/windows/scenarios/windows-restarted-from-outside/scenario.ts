import { duringInstallation } from '../../interruptions';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'Windows restarts by itself while the installer is at work: it is repeated in the next boot',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => duringInstallation(lab, 'hang', () => lab.machine.restart()),
  expect: (seen, check) => {
    const order = plainOrder({ 'virtual_desktop.install': 2 });
    check.equal(
      seen.order,
      order.replace('virtual_desktop.install@2', 'virtual_desktop.install@1!ended virtual_desktop.install@2'),
      'steps',
    );
  },
});
