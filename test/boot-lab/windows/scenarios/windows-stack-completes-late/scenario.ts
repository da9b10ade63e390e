import { deployTime } from '../../../app/node-under-test';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a stack that the node waits for is in progress, then complete: waited for, to ready',
  verdict: 'ready',
  input: { cluster: (stack) => ({ waitForStacks: [deployTime(stack, 'Directory')] }), parameters: { Directory: 'directory' } },
  world: () => ({ stacks: { directory: { statuses: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'] } } }),
  expect: (seen, check) => {
    check.equal(seen.callsOf('cloudformation', 'DescribeStacks').length, 2, 'questions for the stack');
  },
});
