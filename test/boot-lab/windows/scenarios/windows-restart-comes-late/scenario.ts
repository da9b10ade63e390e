import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the first restart that is asked for does not come: asked for again, to ready',
  verdict: 'ready',
  withinSeconds: 240,
  play: async ({ machine }) => {
    machine.restartsThatNeverCome = 1;
    machine.fault('msiexec', 'after 3010');
    await machine.run();
  },
  expect: (seen, check) => {
    check.that(seen.callsTo('Restart-Computer').length + seen.callsTo('shutdown.exe').length > 1, 'the restart is asked for again');
    check.equal(seen.order, plainOrder({ virtual_desktop: 2 }), 'steps');
  },
});
