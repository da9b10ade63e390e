import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the DCV server does not start at first: started again, to ready',
  verdict: 'ready',
  withinSeconds: 180,
  play: async ({ machine }) => {
    machine.fault('dcvserver', '1067');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.callsTo('service').filter((line) => line.startsWith('service dcvserver')),
      ['service dcvserver refuses to start', 'service dcvserver started'],
      'starts of the server',
    );
  },
});
