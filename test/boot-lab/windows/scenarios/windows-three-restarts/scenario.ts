import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a customization asks for three restarts, one after the other, and goes on after each',
  verdict: 'ready',
  withinSeconds: 240,
  expect: (seen, check) => {
    const again = [2, 3, 4].map((boot) => `setup_user_customization@${boot}`).join(' ');
    check.equal(seen.order, plainOrder().replace('virtual_desktop.check@1', `${again} virtual_desktop.check@4`), 'steps');
    check.equal(seen.callsTo('msiexec.exe').length, 4, 'installations');
  },
});
