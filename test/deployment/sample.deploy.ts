import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import { withoutHashes } from '../sample-cluster';
import { Emulator } from './emulator';
import { type Deployment, Sample, text } from './sample';

// The sample in an account that moto plays, from bootstrap to destroy. Each test goes on where the one before it ended.
//
// What moto 5.2.5 does not do, so that nothing is said about it here:
// - AWS::CDK::Metadata and the bucket policy of the bootstrap stack are passed over, and no Lambda function runs.
// - No permission is checked: neither of roles nor of who deploys. The boot lab checks what nodes need of theirs.
// - Stacks are made at once; nothing is rolled back, no dependency between resources waits, and no signal is waited for but that
//   of a session's instance. UpdatePolicy is not looked at: a group that is changed is made anew.
// - Nothing is retained but for DeletionPolicy Retain: RetainExceptOnCreate, that of the file system, is taken for Delete.
// - Internet and NAT gateways, elastic addresses, endpoints and flow logs stay when their stack is deleted.
// - No failure of a session: it would not be rolled back.
// What it lacks and these tests need is in emulator.py.

jest.setTimeout(400_000);

const LINUX = 'ClusterNodes/LinuxDesktop';
const WINDOWS = 'ClusterNodes/WindowsDesktop';
const LOGIN = 'ClusterNodes/LoginNode';

let folder: string;
let emulator: Emulator;
let sample: Sample;
let empty: object;
let last: Deployment;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'deployment-'));
  emulator = await Emulator.start();
  sample = new Sample(emulator, folder);
  await sample.bootstrap();
  empty = await account();
});

afterAll(async () => {
  sample?.stop();
  await emulator?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What is there of the kinds of resources that the sample has, by their identifiers. */
async function account(): Promise<{ [operation: string]: string[] }> {
  const kinds: [service: string, operation: string, list: string, id: string][] = [
    ['ec2', 'describe_launch_templates', 'LaunchTemplates', 'LaunchTemplateId'],
    ['ec2', 'describe_security_groups', 'SecurityGroups', 'GroupId'],
    ['ec2', 'describe_vpcs', 'Vpcs', 'VpcId'],
    ['ec2', 'describe_subnets', 'Subnets', 'SubnetId'],
    ['ec2', 'describe_route_tables', 'RouteTables', 'RouteTableId'],
    ['autoscaling', 'describe_auto_scaling_groups', 'AutoScalingGroups', 'AutoScalingGroupName'],
    ['iam', 'list_roles', 'Roles', 'RoleName'],
    ['iam', 'list_instance_profiles', 'InstanceProfiles', 'InstanceProfileName'],
    ['efs', 'describe_file_systems', 'FileSystems', 'FileSystemId'],
    ['logs', 'describe_log_groups', 'logGroups', 'logGroupName'],
    ['lambda', 'list_functions', 'Functions', 'FunctionName'],
  ];
  const found: { [operation: string]: string[] } = {};
  for (const [service, operation, list, id] of kinds) {
    const answer = await emulator.call<{ [list: string]: { [id: string]: string }[] }>(service, operation);
    found[operation] = answer[list].map((item) => item[id]).sort();
  }
  found.instances = (await instances()).filter(({ State }) => State.Name !== 'terminated').map(({ InstanceId }) => InstanceId);
  return found;
}

interface Instance {
  readonly InstanceId: string;
  readonly PrivateIpAddress: string;
  readonly State: { readonly Name: string };
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

async function instances(parameters: object = {}): Promise<Instance[]> {
  const { Reservations: reservations } = await emulator.call<{ Reservations: { Instances: Instance[] }[] }>(
    'ec2',
    'describe_instances',
    parameters,
  );
  return reservations.flatMap((reservation) => reservation.Instances);
}

/** Deploys and says which launch templates have a new version, which resources of the template changed and which came. */
async function deploy(context?: { [name: string]: string }) {
  const before = last;
  last = await sample.deploy(context);
  for (const [name, node] of Object.entries(last.nodes)) {
    expect([name, node.userData]).toEqual([name, node.expectedUserData]);
    expect([name, node.files]).toEqual([name, node.expectedFiles]);
    expect([name, node.sha256]).toEqual([name, node.actualSha256]);
    expect(Object.keys(node.files).length).toBeGreaterThan(4);
  }
  // The CDK's metadata list the constructs of the app.
  const kept = Object.keys(before.resources).filter((id) => id in last.resources && id !== 'CDKMetadata');
  const replaced = kept.filter((id) => last.ids[id] !== before.ids[id] && last.resources[id].Type !== 'AWS::AutoScaling::AutoScalingGroup');
  expect(replaced).toEqual([]);
  return {
    before,
    newVersions: Object.keys(last.nodes).filter((name) => last.nodes[name].versions.length > (before.nodes[name]?.versions.length ?? 0)),
    changed: kept.filter((id) => JSON.stringify(before.resources[id]) !== JSON.stringify(last.resources[id])),
    changedBesidesHashes: kept.filter((id) => !isDeepStrictEqual(withoutHashes(before.resources[id]), withoutHashes(last.resources[id]))),
    added: Object.keys(last.resources).filter((id) => !(id in before.resources)),
    removed: Object.keys(before.resources).filter((id) => !(id in last.resources)),
    newBundles: last.bundles.filter((key) => !before.bundles.includes(key)),
  };
}

const launchTemplate = (node: string) => expect.stringMatching(`^${node.split('/')[1]}LaunchTemplate`);

async function groupVersion(): Promise<string> {
  const { AutoScalingGroups: groups } = await emulator.call<{
    AutoScalingGroups: { LaunchTemplate: { LaunchTemplateId: string; Version: string } }[];
  }>('autoscaling', 'describe_auto_scaling_groups');
  expect(groups).toHaveLength(1);
  expect(groups[0].LaunchTemplate.LaunchTemplateId).toBe(last.nodes[LOGIN].launchTemplateId);
  return groups[0].LaunchTemplate.Version;
}

test('deployed, each node has the UserData and the bundle that render says, and a bundle with the checksum in its UserData', async () => {
  last = { said: '', resources: {}, outputs: {}, ids: {}, nodes: {}, bundles: [] };
  const { newVersions, newBundles } = await deploy();
  expect(newVersions).toEqual([LINUX, WINDOWS, LOGIN]);
  expect(newBundles.sort()).toEqual(
    Object.values(last.nodes)
      .map((node) => node.bundleKey)
      .sort(),
  );
  expect(last.outputs.LinuxDesktopLaunchTemplateId).toBe(last.nodes[LINUX].launchTemplateId);
  expect(await groupVersion()).toBe('1');
});

test('deployed again, nothing changes', async () => {
  const { newVersions, changed, newBundles } = await deploy();
  expect([newVersions, changed, newBundles]).toEqual([[], [], []]);
  expect(last.said).toContain('(no changes)');
});

test('another text of a template: new versions and bundles of the nodes that have it, the old ones stay', async () => {
  sample.edit('assets/cluster_node_bootstrap/templates/linux/runner.sh.j2', (template) => `${template}# A line of the team.\n`);
  const { before, newVersions, changed, changedBesidesHashes, added, removed, newBundles } = await deploy();
  expect(newVersions).toEqual([LINUX, LOGIN]);
  expect(changed.sort()).toEqual([launchTemplate(LINUX), launchTemplate(LOGIN)]);
  expect([added, removed]).toEqual([[], []]);
  expect(newBundles.sort()).toEqual([last.nodes[LINUX].bundleKey, last.nodes[LOGIN].bundleKey].sort());
  expect(changedBesidesHashes).toEqual([]);
  expect(last.bundles).toEqual(expect.arrayContaining([...before.bundles]));
  expect(last.nodes[LINUX].files['runner.sh']).toContain('# A line of the team.');
  // Version 1 is as it was, so that desktops can still be launched from it, and login nodes are of version 2.
  expect(last.nodes[LINUX].versions[0]).toEqual(before.nodes[LINUX].versions[0]);
  expect(last.outputs.LinuxDesktopLaunchTemplateVersion).toBe('2');
  expect(await groupVersion()).toBe('2');
});

test('another instance type: a new version of that node, which differs in the type alone', async () => {
  const { newVersions, changed, added, removed, newBundles } = await deploy({ linuxDesktopInstanceType: 'm7i.xlarge' });
  expect(newVersions).toEqual([LINUX]);
  expect(changed).toEqual([launchTemplate(LINUX)]);
  expect([added, removed, newBundles]).toEqual([[], [], []]);
  const [, previous, newest] = last.nodes[LINUX].versions;
  expect(previous.InstanceType).not.toBe('m7i.xlarge');
  expect(newest).toEqual({ ...previous, InstanceType: 'm7i.xlarge' });
  expect(await groupVersion()).toBe('2');
});

test('a node more: its own resources and nothing else', async () => {
  sample.edit('bin/cluster-stack.ts', (source) =>
    source.replace(
      'const windowsDesktop =',
      "new VirtualDesktopNode(this, 'Another', { ...nodeOptions(cluster, props.linuxDesktop), sessionOwner: 'alice' });\n    $&",
    ),
  );
  const { newVersions, changed, added, removed } = await deploy({ linuxDesktopInstanceType: 'm7i.xlarge' });
  expect(newVersions).toEqual(['ClusterNodes/Another']);
  expect([changed, removed]).toEqual([[], []]);
  expect(added.filter((id) => !id.startsWith('Another'))).toEqual([]);
  expect(added.map((id) => last.resources[id].Type).sort()).toEqual([
    'AWS::EC2::LaunchTemplate',
    'AWS::EC2::SecurityGroup',
    'AWS::IAM::InstanceProfile',
    'AWS::IAM::Role',
  ]);
});

describe('sessions', () => {
  const session = (command: string, ...args: string[]) => sample.command('session', command, '--cluster-id', 'demo', '--json', ...args);
  const answer = async (ended: ReturnType<typeof session>) => {
    const { status, stdout, stderr } = await ended;
    return { status, stderr, json: (stdout === '' ? undefined : JSON.parse(stdout)) as unknown };
  };
  const request = () =>
    session(
      'request',
      ...['--launch-template-id', last.outputs.LinuxDesktopLaunchTemplateId],
      ...['--launch-template-version', last.outputs.LinuxDesktopLaunchTemplateVersion],
      ...['--subnet-id', last.outputs.LinuxDesktopSubnetIds.split(',')[0]],
      ...['--timeout-minutes', last.outputs.LinuxDesktopTimeoutMinutes],
      ...['--owner', 'alice', '--name', 'CAD', '--idempotency-key', '5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10'],
    );
  let sessionId: string;
  let instance: Instance;

  test('a desktop that is requested has what its launch template says, and the tags that its node reads', async () => {
    const { status, stderr, json } = await answer(request());
    expect([status, stderr]).toEqual([0, '']);
    sessionId = (json as { sessionId: string }).sessionId;
    const found = await instances({ Filters: [{ Name: 'tag:cluster-node:SessionId', Values: [sessionId] }] });
    expect(found).toHaveLength(1);
    [instance] = found;
    expect(instance).toMatchObject({ InstanceType: 'm7i.xlarge', SubnetId: last.outputs.LinuxDesktopSubnetIds.split(',')[0] });
    expect(Object.fromEntries(instance.Tags.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      'cluster-node:ClusterId': 'demo',
      'cluster-node:NodeType': 'dcv_node',
      'cluster-node:SessionOwner': 'alice',
      'cluster-node:SessionName': 'CAD',
      'cluster-node:SignalStack': `demo-desktop-${sessionId}`,
      'cluster-node:SignalResource': 'Desktop',
    });
    const { UserData } = await emulator.call<{ UserData: { Value: string } }>('ec2', 'describe_instance_attribute', {
      InstanceId: instance.InstanceId,
      Attribute: 'userData',
    });
    expect(text(UserData.Value)).toBe(last.nodes[LINUX].userData);
  });

  test('it is shown and listed as it is, and the same request makes no second one', async () => {
    const expected = { sessionId, state: 'provisioning', owner: 'alice', sessionName: 'CAD', instanceId: instance.InstanceId };
    expect(await answer(session('show', sessionId))).toMatchObject({ status: 0, json: expected });
    expect(await answer(session('list', '--owner', 'alice'))).toMatchObject({ status: 0, json: [expected] });
    expect(await answer(session('list', '--state', 'ready'))).toMatchObject({ status: 0, json: [] });
    expect(await answer(request())).toMatchObject({ status: 0, json: expected });
    expect((await account()).instances).toHaveLength(2);
  });

  test('who waits is told when its node has signalled', async () => {
    const waiting = answer(session('wait', sessionId, '--timeout-minutes', '2'));
    await emulator.call('cloudformation', 'signal_resource', {
      StackName: `demo-desktop-${sessionId}`,
      LogicalResourceId: 'Desktop',
      UniqueId: instance.InstanceId,
      Status: 'SUCCESS',
    });
    expect(await waiting).toMatchObject({ status: 0, json: { state: 'ready', privateIp: instance.PrivateIpAddress } });
    expect(await answer(session('list', '--state', 'ready'))).toMatchObject({ json: [{ sessionId }] });
  });

  test('deleted, its instance is gone, and it is known as deleted', async () => {
    expect(await answer(session('delete', sessionId, '--wait'))).toMatchObject({ status: 0, json: { state: 'deleted' } });
    expect((await account()).instances).not.toContain(instance.InstanceId);
    expect(await answer(session('list'))).toMatchObject({ status: 0, json: [] });
    expect(await answer(session('show', sessionId))).toMatchObject({ status: 0, json: { state: 'deleted' } });
    expect(await answer(session('show', 'k3v9w0q2m1xz'))).toMatchObject({ status: 3 });
  });
});

test('destroyed, nothing is left but the bundles', async () => {
  await sample.destroy();
  expect(await account()).toEqual(empty);
});
