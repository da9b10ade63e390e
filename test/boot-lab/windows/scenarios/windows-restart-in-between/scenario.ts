import { plainOrder, WINDOWS_VERSIONS, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the DCV installer asks for a restart (3010): the node goes on after it',
  runsOn: WINDOWS_VERSIONS,
  isSmoke: true,
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.fault('msiexec', 'after 3010');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder({ virtual_desktop: 2 }), 'steps');
    check.equal(seen.callsTo('Restart-Computer').length, 1, 'restarts that were asked for');
  },
});
