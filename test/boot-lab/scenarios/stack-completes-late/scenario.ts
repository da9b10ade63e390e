import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';
import { deployTime } from '../../app/node-under-test';

export default scenario({
  summary: 'a stack that the node waits for is in progress, then complete: waited for, to ready',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  input: { cluster: (stack) => ({ waitForStacks: [deployTime(stack, 'Directory')] }), parameters: { Directory: 'directory' } },
  world: () => ({ stacks: { directory: { statuses: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'] } } }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.callsOf('cloudformation', 'DescribeStacks').length, 2, 'questions for the stack');
  },
});
