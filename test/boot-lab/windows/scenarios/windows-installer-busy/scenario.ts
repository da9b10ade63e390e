import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'another installation is running (1618), twice: tried again, to ready',
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.fault('msiexec', '1618', '1618');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.callsTo('msiexec.exe').length, 3, 'attempts');
  },
});
