import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'the power goes while the added commands run: they do not run again, since nobody knows how far they came',
  verdict: 'ready',
  withinSeconds: 180,
  input: { commands: ["[IO.File]::AppendAllText('C:\\added', 'x')", 'while ($true) { }'] },
  play: async (lab) => {
    await lab.cutAt('added commands', async () => lab.until('the added commands', () => lab.machine.has('C:\\added')));
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.order, plainOrder(), 'steps');
    check.equal(seen.machine.read('C:\\added'), 'x', 'what the commands saw, once');
  },
});
