import { windowsScenario, withTags } from '../../scenario';

export default windowsScenario({
  summary: 'commands added to the user data do not run on a node that has failed',
  verdict: 'failed',
  input: { commands: ["[IO.File]::WriteAllText('C:\\\\added', '')"] },
  world: (world) => withTags(world, { 'cluster-node:SessionOwner': undefined }),
  expect: (seen, check) => {
    check.equal(seen.machine.has('C:\\added'), false, 'whether they ran');
  },
});
