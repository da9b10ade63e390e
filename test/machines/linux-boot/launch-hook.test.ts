import type { Fault, World } from '../../boot-lab/services/world';
import { describeOnMachine, INSTANCE_ID, LAUNCHED_BY_GROUP, Machine, NodeOptions, REBOOTED, renderNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const HOOK = 'autoscaling:CompleteLifecycleAction';
const LOGIN = { '/job/NodeType': 'login_node' };
const refused = (times?: number, on = HOOK, status = 400, code = 'ValidationError'): Fault => ({
  on,
  times,
  effect: { kind: 'error', status, code, message: 'No active Lifecycle Action found' },
});

async function loginNode(options: NodeOptions = {}, world: Partial<World> = {}): Promise<Machine> {
  return Machine.start(renderNode({ ...options, context: LOGIN }), { ...LAUNCHED_BY_GROUP, ...world });
}

/** A phase that does something in the first boot alone. */
const once = (body: string) => [
  { name: 'setup', body: `  if [[ ! -e /var/lib/before ]]; then touch /var/lib/before; ${body}; fi` },
  { name: 'login_node', body: '  true' },
];

describeOnMachine('the launch hook of an Auto Scaling group', () => {
  test.concurrent('lets a node that is ready into service, once, after everything else was told', async () => {
    const machine = await loginNode();
    expect((await machine.run()).map(({ status }) => status)).toEqual([0]);
    expect(machine.launches()).toEqual(['CONTINUE 200']);
    expect(machine.callsOf(HOOK)[0].arguments).toEqual({
      AutoScalingGroupName: 'login-nodes',
      LifecycleHookName: 'launch',
      LifecycleActionResult: 'CONTINUE',
      InstanceId: INSTANCE_ID,
    });
    expect(machine.called().filter((name) => !name.startsWith('imds:'))).toEqual([
      's3:GetObject',
      'ec2:CreateTags',
      'cloudformation:SignalResource',
      HOOK,
    ]);
    // A boot of a node that is ready, also when cloud-init runs the user data again.
    machine.forgetUserDataRan();
    await machine.boot();
    expect(machine.launches()).toHaveLength(1);
  });

  test.concurrent('waits through a restart in between', async () => {
    const machine = await loginNode({ phases: once('request_reboot "because"') });
    expect((await machine.run()).map(({ status }) => status)).toEqual([REBOOTED, 0]);
    expect(machine.launches()).toEqual(['CONTINUE 200']);
  });

  test.concurrent.each<[string, NodeOptions, readonly Fault[]]>([
    ['a phase', { phases: [{ name: 'setup', body: '  fail "no luck"' }] }, []],
    ['stage 0', {}, [refused(undefined, 's3:GetObject', 404, 'NoSuchKey')]],
  ])('ends a node that failed in %s, after it has said why', async (_, options, faults) => {
    const machine = await loginNode(options, { faults });
    expect((await machine.run()).map(({ status }) => status)).toEqual([1]);
    expect(machine.launches()).toEqual(['ABANDON 200']);
    expect(machine.callsOf(HOOK)[0].arguments).toMatchObject({
      AutoScalingGroupName: 'login-nodes',
      LifecycleHookName: 'launch',
      InstanceId: INSTANCE_ID,
    });
    expect(machine.called().slice(-1)).toEqual([HOOK]);
    expect(machine.signals()).toEqual([expect.stringMatching(/^FAILURE /)]);
    expect(machine.tags()['cluster-node:State']).toBe('failed');
    expect(machine.read('/var/lib/cluster-node/result')).toMatch(/^failed /);
  });

  // An image with all installs is faster than the group is.
  test.concurrent('is asked for again when the group does not wait yet', async () => {
    const machine = await loginNode({}, { faults: [refused(3)] });
    await machine.run();
    expect(machine.launches()).toEqual(['CONTINUE 400', 'CONTINUE 400', 'CONTINUE 400', 'CONTINUE 200']);
  });

  test.concurrent.each<[string, Fault, number]>([
    ['there is no such action', refused(), 12],
    ['the role may not', refused(undefined, HOOK, 403, 'AccessDenied'), 4],
    ['the service is broken', refused(undefined, HOOK, 500, 'InternalFailure'), 9],
    ['nobody answers', { on: HOOK, effect: { kind: 'disconnect' } }, 9],
  ])('keeps no node from being ready when %s, and the log says so', async (_, fault, calls) => {
    const machine = await loginNode({ commands: 'touch /var/lib/added' }, { faults: [fault] });
    const [boot] = await machine.run();
    expect(boot).toMatchObject({
      status: 0,
      output: expect.stringMatching(/launch hook launch of login-nodes could not be completed/) as string,
    });
    expect(machine.callsOf(HOOK)).toHaveLength(calls);
    expect(machine.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
    expect(machine.read('/var/lib/cluster-node/result')).toBe('ready\n');
    expect(machine.exists('/var/lib/added')).toBe(true);
  });

  // The group launches a node long after the deployment that made it.
  test.concurrent.each([
    ['ready', {}, []],
    ['failed in a phase', { phases: [{ name: 'setup', body: '  fail "no luck"' }] }, []],
    ['failed in stage 0', {}, [refused(undefined, 's3:GetObject', 404, 'NoSuchKey')]],
  ] as const)('is completed when a node is %s and the stack takes no signals', async (verdict, options, faults) => {
    const machine = await loginNode(options, { faults: [refused(undefined, 'cloudformation:SignalResource'), ...faults] });
    await machine.run();
    expect(machine.launches()).toEqual([verdict === 'ready' ? 'CONTINUE 200' : 'ABANDON 200']);
    expect(machine.read('/var/lib/cluster-node/result')).toContain(verdict.split(' ')[0]);
  });

  test.concurrent('is not completed again after a power cut that came behind it', async () => {
    const stop = 'if [[ ! -e /var/lib/cut ]]; then touch /var/lib/cut; /usr/bin/sleep 1000; fi; ';
    const edit = (_: string, text: string) =>
      text.replace('\n  mv -f -- "${STATE}/verdict" "${STATE}/result"', (found) => `\n  ${stop}${found.trim()}`);
    const machine = await loginNode({ edit });
    await machine.boot((cutPower) => void machine.waitFor(() => machine.exists('/var/lib/cut')).then(cutPower));
    expect((await machine.boot()).status).toBe(0);
    expect(machine.launches()).toEqual(['CONTINUE 200']);
  });

  test.concurrent('nobody is told of a node that no group waits for', async () => {
    const [byHand, desktop, failed] = await Promise.all([
      Machine.start(renderNode({ context: LOGIN })),
      Machine.start(renderNode()),
      Machine.start(renderNode({ context: LOGIN }), { faults: [refused(undefined, 's3:GetObject', 404, 'NoSuchKey')] }),
    ]);
    const [[boot]] = await Promise.all([byHand.run(), desktop.run(), failed.run()]);
    expect(boot).toMatchObject({ status: 0, output: expect.stringContaining('no group waits') as string });
    expect([byHand, desktop, failed].flatMap((machine) => machine.launches())).toEqual([]);
    // Nor is a desktop's metadata asked for it.
    expect(desktop.callsOf('imds:*LaunchHook')).toEqual([]);
  });

  test.concurrent('metadata that does not answer is no reason to fail', async () => {
    const fault: Fault = {
      on: 'imds:/latest/meta-data/tags/instance/cluster-node:LaunchHook',
      effect: { kind: 'error', status: 500, code: 'x' },
    };
    const machine = await loginNode({}, { faults: [fault] });
    const [boot] = await machine.run();
    expect(boot).toMatchObject({ status: 0, output: expect.stringContaining('launch hook not completed') as string });
    expect(machine.launches()).toEqual([]);
  });
});
