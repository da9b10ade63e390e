import { createHash } from 'crypto';
import { describeOnMachine, instance, INSTANCE_ID, Machine, nodeContext, type NodeOptions, REBOOTED, renderNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const GROUP = '/lab/nodes';
const MANIFEST = '/var/lib/cluster-node-image/manifest';
const STALE = /WARNING phase setup: the image was made by another definition, version or architecture: its install runs now/g;

/** A node whose phase `setup` has an install. */
function withInstall(install: string, more: NodeOptions = {}): NodeOptions {
  const phases = [
    { name: 'setup.install', body: install },
    { name: 'setup', body: '  true' },
    { name: 'setup_user_customization', body: '  true' },
  ];
  const [{ name, script, timeout_seconds }, ...others] = nodeContext({ phases: phases.slice(1) })['/bootstrap/Phases'] as {
    readonly name: string;
    readonly script: string;
    readonly timeout_seconds: number;
  }[];
  const planned = [{ name, script, timeout_seconds, install: 'setup.install.sh', check: null }, ...others];
  return { phases, ...more, context: { '/bootstrap/Phases': planned, ...more.context } };
}

const WITH_METRICS = { '/configuration/LogGroup': GROUP, '/system/cloudwatch_agent': { name: 'amazon-cloudwatch-agent' } };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the tag says, by step. */
function secondsOf(machine: Machine): { [step: string]: number } {
  const text = machine.tags()['cluster-node:PhaseSeconds'];
  // What EC2 takes in a tag.
  expect(text).toMatch(/^[A-Za-z0-9 +\-=._:/@]{1,256}$/);
  return Object.fromEntries(text.split(' ').map((item) => [item.split('=')[0], Number(item.split('=')[1])]));
}

/** The lines that CloudWatch Logs got as metrics. */
function metricsOf(machine: Machine): { [name: string]: unknown }[] {
  return machine
    .callsOf('logs:PutLogEvents')
    .filter(({ arguments: args }) => args.logStreamName.endsWith('/runner.log'))
    .flatMap(({ arguments: args }) => JSON.parse(args.logEvents) as { message: string }[])
    .filter(({ message }) => message.startsWith('{'))
    .map(({ message }) => JSON.parse(message) as { [name: string]: unknown });
}

describeOnMachine('the seconds of the phases', () => {
  test.concurrent('are those of all boots, with what failed, in the tag and the log', async () => {
    const again = '  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once; /usr/bin/sleep 2; reboot; sleep 100000; fi; /usr/bin/sleep 2';
    const machine = await Machine.start(
      renderNode(withInstall('  /usr/bin/sleep 3; request_reboot again', { edit: (_, text) => text.replace('  true\n}', `${again}\n}`) })),
    );
    const [first] = await machine.run();
    expect(first.status).toBe(REBOOTED);
    const seconds = secondsOf(machine);
    expect(Object.keys(seconds)).toEqual(['total', 'setup.install', 'setup', 'setup_user_customization']);
    expect(seconds['setup.install']).toBeGreaterThanOrEqual(2);
    // The power went in the first attempt, for all that the runner knows.
    expect(seconds.setup).toBeGreaterThanOrEqual(1);
    expect(seconds.total).toBeGreaterThanOrEqual(7);
    const text = machine.tags()['cluster-node:PhaseSeconds'];
    expect(machine.read('/var/log/cluster-node/runner.log')).toMatch(new RegExp(`INFO seconds: ${text}\n[^\n]* INFO verdict: ready\n`));
    expect(machine.callsOf('ec2:CreateTags')).toHaveLength(1);
  });

  test.concurrent('have the phase that failed, and none that was not started', async () => {
    const machine = await Machine.start(renderNode(withInstall('  /usr/bin/sleep 2; fail "no luck"')));
    await machine.run();
    const seconds = secondsOf(machine);
    expect(Object.keys(seconds)).toEqual(['total', 'setup.install']);
    expect(seconds['setup.install']).toBeGreaterThanOrEqual(1);
    expect(machine.tags()).toMatchObject({
      'cluster-node:State': 'failed',
      'cluster-node:StateReason': expect.stringContaining('no luck') as string,
    });
  });

  test.concurrent.each([
    ['goes back', -86400],
    ['jumps ahead', 86400],
  ])('have no total when the clock %s between two boots', async (_, by) => {
    const machine = await Machine.start(renderNode(withInstall('  request_reboot again')));
    expect((await machine.boot()).status).toBe(REBOOTED);
    const [reboots, boot, began] = machine.read('/var/lib/cluster-node/reboots').trim().split(' ');
    expect(Math.abs(Number(began) - Date.now() / 1000)).toBeLessThan(120);
    machine.write('/var/lib/cluster-node/reboots', `${reboots} ${boot} ${Number(began) - by}\n`);
    await machine.run();
    expect(Object.keys(secondsOf(machine))).toEqual(['setup.install', 'setup', 'setup_user_customization']);
  });

  test.concurrent('are cut between two of them where a tag has no room', async () => {
    const machine = await Machine.start(renderNode(withInstall('  request_reboot again')));
    expect((await machine.boot()).status).toBe(REBOOTED);
    const many = Array.from({ length: 20 }, (_, index) => `phase_with_a_long_name_${index}.install 100000\n`).join('');
    machine.write('/var/lib/cluster-node/spent-seconds', `3\n${many}`);
    await machine.run();
    const seconds = secondsOf(machine);
    expect(Object.values(seconds).every(Number.isInteger)).toBe(true);
    expect(seconds.phase_with_a_long_name_0).toBeUndefined();
    expect(seconds['phase_with_a_long_name_0.install']).toBe(100000);
  });

  test.concurrent('stay the same when the power goes behind the verdict', async () => {
    const held = { on: 'ec2:CreateTags', times: 1, effect: { kind: 'hold' } } as const;
    const machine = await Machine.start(renderNode(withInstall('  true')), { faults: [held] });
    await machine.boot(
      (cutPower) => void machine.waitFor(() => machine.callsOf('ec2:CreateTags').length > 0).then(() => setTimeout(cutPower, 2000)),
    );
    await machine.boot();
    const texts = machine.callsOf('ec2:CreateTags').map(({ arguments: args }) => args['Tag.2.Value']);
    expect([texts.length, new Set(texts).size]).toEqual([2, 1]);
  });

  test.concurrent('are not those of the node that an image was made of', async () => {
    const machine = await Machine.start(
      renderNode(withInstall('  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once; /usr/bin/sleep 5; fi')),
    );
    await machine.run();
    expect(secondsOf(machine)['setup.install']).toBeGreaterThanOrEqual(4);
    await machine.change({ instance: instance({}, 'i-0fedcba9876543210') });
    machine.forgetUserDataRan();
    await machine.run();
    expect(machine.signals()).toHaveLength(2);
    expect(secondsOf(machine)['setup.install']).toBeLessThan(4);
  });
});

describeOnMachine('an image', () => {
  test.concurrent('that has an install: it is not among the seconds, and nothing is stale', async () => {
    const node = renderNode(withInstall('  true', { context: WITH_METRICS }));
    const machine = await Machine.start(node, { logGroups: [GROUP] });
    const key = sha256(`${sha256(node.files['setup.install.sh'])}  -\n`);
    machine.write(MANIFEST, `setup ${key}\n`);
    await machine.run();
    expect(Object.keys(secondsOf(machine))).toEqual(['total', 'setup', 'setup_user_customization']);
    expect(machine.read('/var/log/cluster-node/runner.log')).not.toMatch(STALE);
    expect(metricsOf(machine)).toMatchObject([{ stale_installs: 0 }]);
  });

  test.concurrent('of another definition: its install is told of once, and counted', async () => {
    const install = '  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once; sleep 100000; fi';
    const machine = await Machine.start(renderNode(withInstall(install, { context: WITH_METRICS })), { logGroups: [GROUP] });
    machine.write(MANIFEST, 'setup 0123\n');
    await machine.boot((cutPower) => void machine.waitFor(() => machine.exists('/var/lib/once')).then(cutPower));
    expect((await machine.boot()).status).toBe(0);
    expect(machine.read('/var/log/cluster-node/runner.log').match(STALE)).toHaveLength(1);
    const seconds = secondsOf(machine);
    const [line, ...more] = metricsOf(machine);
    expect(more).toEqual([]);
    const names = ['total', 'setup_install', 'setup', 'setup_user_customization'];
    expect(line).toEqual({
      _aws: {
        Timestamp: expect.any(Number) as number,
        CloudWatchMetrics: [
          {
            Namespace: 'ClusterNodes',
            Dimensions: [['ClusterId', 'NodeType', 'BaseOS', 'State']],
            Metrics: [...names.map((Name) => ({ Name, Unit: 'Seconds' })), { Name: 'stale_installs', Unit: 'Count' }],
          },
        ],
      },
      ClusterId: 'cluster-1',
      NodeType: 'dcv_node',
      BaseOS: 'amazonlinux2023',
      State: 'ready',
      InstanceId: INSTANCE_ID,
      total: seconds.total,
      setup_install: seconds['setup.install'],
      setup: seconds.setup,
      setup_user_customization: seconds.setup_user_customization,
      stale_installs: 1,
    });
    expect(Math.abs((line._aws as { Timestamp: number }).Timestamp - Date.now())).toBeLessThan(120_000);
  });

  test.concurrent('without the installs is not stale, and a node without the agent writes no metrics', async () => {
    const context = { ...WITH_METRICS, '/system/cloudwatch_agent': null };
    const machine = await Machine.start(renderNode(withInstall('  true', { context })), { logGroups: [GROUP] });
    await machine.run();
    expect(machine.read('/var/log/cluster-node/runner.log')).not.toMatch(STALE);
    expect(machine.callsOf('logs:PutLogEvents').length).toBeGreaterThan(0);
    expect(metricsOf(machine)).toEqual([]);
  });
});
