import { DEB_LOGIN, scenario } from '../../scenario';

export default scenario({
  summary: 'whoever answers for EC2 and CloudFormation has a certificate of another authority: nobody is told, the log says why',
  runsOn: [DEB_LOGIN],
  world: () => ({ strangers: ['ec2', 'cloudformation'] }),
  verdict: 'silent',
  // Tags and signal are tried again for a minute and a half each.
  withinSeconds: 260,
  waits: true,
  expect: (seen, check) => {
    check.equal(seen.result, 'ready', 'result file');
    check.equal(seen.launchesCompleted, [{ result: 'CONTINUE', boot: 1 }], 'what its group was told, which is none of them');
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['settled'],
      'boots',
    );
    for (const service of ['ec2', 'cloudformation'] as const)
      check.equal(seen.callsOf(service).length, 0, `calls to whoever says it is ${service}`);
    check.matches(seen.log('runner'), /could not be set to ready: .*certificate verify failed/i, 'log about the tags');
    check.matches(seen.log('runner'), /signal SUCCESS could not be sent .*certificate verify failed/i, 'log about the signal');
    check.that(!seen.machine.has('/etc/systemd/system/multi-user.target.wants/cluster-node.service'), 'the unit is still enabled');
  },
});
