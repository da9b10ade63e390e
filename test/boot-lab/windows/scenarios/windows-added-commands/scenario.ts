import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'commands added to the user data run once, when the node is ready; that they fail changes nothing',
  verdict: 'ready',
  input: {
    commands: ["[IO.File]::AppendAllText('C:\\\\added', [IO.File]::ReadAllText('C:\\\\ProgramData\\\\ClusterNode\\\\result'))", 'exit 3'],
  },
  play: async ({ machine }) => {
    await machine.run();
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.machine.read('C:\\added'), 'ready', 'what the commands saw, once');
    check.matches(seen.log('runner'), /added commands ended with exit code 3/, 'log of the runner');
  },
});
