import type { World } from '../../boot-lab/services/world';
import { describeOnMachine, instance, INSTANCE_ID, Machine, type NodeOptions, renderNode, STACK } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const SIGNAL = 'cloudformation:SignalResource';
const FAILS: NodeOptions = { phases: [{ name: 'setup', body: '  fail "no luck"' }] };
const WITH_ROLE: NodeOptions = { context: { '/bootstrap/SignalWith': 'role' } };
const NO_ROLE = { on: 'imds:/latest/meta-data/iam/*', effect: { kind: 'error', status: 404, code: 'Not Found' } } as const;
const COMPLETE = { stacks: { [STACK]: { statuses: ['UPDATE_COMPLETE'] } } };
const NO_MEMBER = { instance: { ...instance(), stack: 'another' } };

/** Stage 0 tries each call three times. */
const impatient = (file: string, text: string): string => (file === 'user_data.sh' ? text.replace('${limit-15}', '3') : text);

async function bootWith(options: NodeOptions, world: Partial<World>) {
  const machine = await Machine.start(renderNode({ edit: impatient, ...options }), world);
  const boots = await machine.run();
  const statuses = machine.callsOf(SIGNAL).map(({ status }) => status);
  return { machine, output: boots.map(({ output }) => output).join(''), signals: machine.signals(), statuses };
}

describeOnMachine('a signal', () => {
  test.concurrent('needs no permission, and no role', async () => {
    const { machine, signals } = await bootWith({}, { policy: [{ Effect: 'Allow', Action: ['s3:*', 'ec2:*'], Resource: '*' }] });
    expect([signals, machine.read('/var/lib/cluster-node/result')]).toEqual([[`SUCCESS ${INSTANCE_ID}`], 'ready\n']);
  });

  test.concurrent('of stage 0 neither: an instance without a role says why it failed', async () => {
    const { signals } = await bootWith({}, { faults: [NO_ROLE] });
    expect(signals).toEqual([expect.stringMatching(new RegExp(`^FAILURE ${INSTANCE_ID} bundle s3:`))]);
  });

  test.concurrent.each<[string, Partial<World>, NodeOptions, number[], RegExp]>([
    ['of a ready node, when nobody waits', COMPLETE, {}, [400], /in UPDATE_COMPLETE state and cannot be signaled/],
    ['of a ready node, to another stack', NO_MEMBER, {}, [403, 403, 403, 403], /is not allowed to call SignalResource for desktop-1/],
    ['of a failure, when nobody waits', COMPLETE, FAILS, [400, 400], /in UPDATE_COMPLETE state and cannot be signaled/],
    ['with the role, when nobody waits', COMPLETE, WITH_ROLE, [400], /in UPDATE_COMPLETE state and cannot be signaled/],
  ])('%s, is refused, which the log says without calling it an error', async (_, world, options, answers, why) => {
    const { machine, statuses } = await bootWith(options, world);
    expect(statuses).toEqual(answers);
    expect(machine.read('/var/lib/cluster-node/result')).toMatch(options === FAILS ? /^failed phase setup: .*no luck/ : /^ready$/m);
    const log = machine.read('/var/log/cluster-node/runner.log');
    expect(log).toMatch(new RegExp(`no signal: Desktop of desktop-1 does not wait for this instance: .*${why.source}`));
    expect(log).not.toContain('could not be sent');
  });

  test.concurrent('of stage 0 that nobody waits for is not tried for minutes', async () => {
    expect((await bootWith({}, { ...COMPLETE, objects: [] })).statuses).toEqual([400, 400]);
  });

  test.concurrent.each([{}, { objects: [] }])(
    'is signed with the role when told to, and then not allowed without a permission (%j)',
    async (world) => {
      const taken = await bootWith(WITH_ROLE, world);
      expect(taken.signals).toHaveLength(1);
      expect(taken.machine.called().filter((name) => name.includes('instance-identity'))).toEqual([]);
      const refused = await bootWith(WITH_ROLE, { ...world, policy: [{ Effect: 'Allow', Action: ['s3:*', 'ec2:*'], Resource: '*' }] });
      expect([refused.signals, new Set(refused.statuses)]).toEqual([[], new Set([403])]);
    },
  );
});
