import { DEB_LOGIN, NOT_YET_GUARDED, scenario } from '../../scenario';

export default scenario({
  summary: 'commands added to the user data do not run on a node that has failed, nor in a boot after that',
  runsOn: [DEB_LOGIN],
  input: { node: () => ({ packages: ['no-such-package'] }), commands: ['touch /var/lib/added'] },
  verdict: 'failed',
  exempt: { 'nobody but root reaches the role': NOT_YET_GUARDED },
  play: async ({ machine }) => {
    await machine.run();
    await machine.powerOff();
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup\.install@1!/, 'phases');
    check.that(seen.machine.has('/var/lib/cluster-node/added-commands'), 'the commands were not stored');
    check.that(!seen.machine.has('/var/lib/added'), 'the added commands ran after a failure');
  },
});
