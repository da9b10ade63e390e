import { RPM_LOGIN, scenario } from '../../scenario';
import { isOfAws } from '../../services/world';

export default scenario({
  summary: 'a group waits for its node: a reboot in between, in service once when it is ready, nothing at a later boot',
  runsOn: [RPM_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  play: async ({ machine }) => {
    await machine.run();
    await machine.powerOff();
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled', 'settled'],
      'boots',
    );
    check.equal(seen.launchesCompleted, [{ result: 'CONTINUE', boot: 2 }], 'launches that were completed');
    const said = seen.calls.filter((call) => isOfAws(call) && call.boot > 1);
    check.equal(
      said.map(({ operation }) => operation).slice(-3),
      ['CreateTags', 'SignalResource', 'CompleteLifecycleAction'],
      'the last calls',
    );
    const { name, launchHook } = seen.world.group!;
    check.equal(
      said.at(-1)?.arguments,
      { AutoScalingGroupName: name, LifecycleHookName: launchHook, LifecycleActionResult: 'CONTINUE', InstanceId: seen.world.instance.id },
      'the call',
    );
  },
});
