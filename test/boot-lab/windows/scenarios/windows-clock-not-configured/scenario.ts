import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'w32tm takes no configuration and does not synchronize: a warning, to ready',
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.fault('w32tm', '*5');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.log('setup'), /warning .*w32tm/, 'log of the phase');
  },
});
