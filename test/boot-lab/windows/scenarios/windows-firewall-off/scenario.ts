import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a policy switches Windows Firewall off, so that users could get the credentials of the role: failed',
  verdict: 'failed',
  play: async ({ machine }) => {
    machine.write('C:\\lab\\state\\settings\\firewall-off.json', '{}');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.reason, /Windows Firewall/, 'reason tag');
    check.equal(seen.callsTo('msiexec.exe'), [], 'installations');
  },
});
