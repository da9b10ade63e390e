import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the DCV installer fails (1603): the node fails at once, with the code and where to look',
  verdict: 'failed',
  play: async ({ machine }) => {
    machine.fault('msiexec', '*1603');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /1603/, 'reason tag');
    check.equal(seen.callsTo('msiexec.exe').length, 1, 'attempts');
  },
});
