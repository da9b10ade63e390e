import { CloudFormationClient, CreateStackCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import {
  Cluster,
  DesktopSessions,
  DesktopSessionTemplate,
  NodeOs,
  SharedFileSystem,
  VirtualDesktopNode,
  type VirtualDesktopNodeProps,
} from '../../lib';
import { FIELD_NAMES, type FieldName, fieldRule } from '../../lib/sessions/field-rules';
import { follows } from '../../lib/values/value-rule';
import { INJECTED_VALUES } from '../injected-values';
import { sampleCluster } from '../sample-cluster';

const VALUES = Object.entries(INJECTED_VALUES);
const cloudFormation = mockClient(CloudFormationClient);

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.onAnyCommand().rejects(new Error('this call was not expected'));
});

describe('a request for a desktop', () => {
  const request = {
    launchTemplateId: 'lt-0123456789abcdef0',
    launchTemplateVersion: '3',
    subnetId: 'subnet-0123456789abcdef0',
    owner: 'alice',
  };
  const OF_SESSIONS: readonly FieldName[] = ['clusterId', 'stackNamePrefix', 'region'];
  const FIELDS = FIELD_NAMES.filter((field) => field !== 'sessionId' && field !== 'idempotencyKey');
  const send = async (field: FieldName, value: string) => {
    const made = OF_SESSIONS.includes(field) ? { [field]: value } : {};
    const asked = OF_SESSIONS.includes(field) ? {} : { [field]: value };
    return new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1', ...made }).request({ ...request, ...asked });
  };

  test.each(FIELDS)('with such a %s is refused with its name, and nothing is sent', async (field) => {
    for (const [, value] of VALUES) {
      await expect(send(field, value)).rejects.toMatchObject({
        code: 'InvalidRequest',
        message: expect.stringContaining(`${field} must be ${fieldRule(field).description.slice(0, 9)}`) as string,
      });
    }
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  test('to show or end a desktop by such an id is refused', async () => {
    const sessions = new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' });
    for (const [, value] of VALUES) {
      await expect(sessions.get(value)).rejects.toThrow(/sessionId must be/);
      await expect(sessions.delete(value)).rejects.toThrow(/sessionId must be/);
    }
    expect(cloudFormation.calls()).toHaveLength(0);
  });

  test('an idempotency key reaches AWS as a hash alone', async () => {
    const keys = VALUES.map(([, value]) => value.padEnd(22, '-')).filter((value) => follows(fieldRule('idempotencyKey'), value));
    expect(keys.length).toBeGreaterThan(5);
    cloudFormation.on(CreateStackCommand).resolves({ StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/x/1' });
    cloudFormation.on(ListStacksCommand).resolves({ StackSummaries: [] });
    for (const idempotencyKey of keys) {
      await new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' }).request({ ...request, idempotencyKey });
    }
    const sent = JSON.stringify(cloudFormation.calls().map((call) => call.args[0].input));
    for (const key of keys) expect(sent).not.toContain(JSON.stringify(key).slice(1, -1));
    for (const call of cloudFormation.commandCalls(CreateStackCommand)) {
      expect(call.args[0].input.StackName).toMatch(/^demo-desktop-[a-z][a-z0-9]{11}$/);
    }
  });

  test.each(Object.keys(new DesktopSessionTemplate().toJson().Parameters as object).filter((name) => name !== 'SubnetId'))(
    'by other means: the template refuses such a %s',
    (name) => {
      const { AllowedPattern } = (new DesktopSessionTemplate().toJson().Parameters as Record<string, { AllowedPattern: string }>)[name];
      for (const [, value] of VALUES) expect(value).not.toMatch(new RegExp(AllowedPattern));
    },
  );
});

describe('a property of a construct', () => {
  const usual = sampleCluster();
  const desktop = (props: Partial<VirtualDesktopNodeProps>, options?: Parameters<typeof sampleCluster>[0]) => {
    const { stack, cluster } = options === undefined ? usual : sampleCluster(options);
    const id = `Desktop${stack.node.children.length}`;
    return new VirtualDesktopNode(stack, id, { cluster, os: NodeOs.UBUNTU_24_04, ...props });
  };
  const mounting = (options: object) =>
    desktop({}, { fileSystems: [SharedFileSystem.nfs({ server: 'nfs.example.com', mountPath: '/data', ...options })] });

  test.each<[string, (value: string) => unknown]>([
    ['sessionOwner', (value) => desktop({ sessionOwner: value })],
    ['sessionName', (value) => desktop({ sessionName: value })],
    ['project', (value) => desktop({ project: value })],
    ['packages', (value) => desktop({ packages: [value] })],
    ['clusterId', (value) => new Cluster(usual.stack, `Another${usual.stack.node.children.length}`, { clusterId: value, vpc: usual.vpc })],
    ['timezone', (value) => desktop({}, { timezone: value })],
    ['httpProxy', (value) => desktop({}, { proxy: { httpProxy: value } })],
    ['waitForStacks', (value) => desktop({}, { waitForStacks: [value] })],
    ['appsPath', (value) => desktop({}, { appsPath: value })],
    ['mountPath', (value) => mounting({ mountPath: value })],
    ['name of a file system', (value) => mounting({ name: value })],
    ['server', (value) => mounting({ server: value })],
  ])('%s: refused, with what came', (_, make) => {
    for (const [, value] of VALUES) {
      const first = value.split('\n')[0].slice(0, 20);
      expect(() => make(value)).toThrow(expect.objectContaining({ message: expect.stringContaining(first) as string }) as Error);
    }
  });

  // What is taken is text on the node: the boot lab has it in the table of file systems, and in templates.
  test.each<[string, (value: string) => unknown]>([
    ['exportPath', (value) => mounting({ exportPath: `/${value}` })],
    ['mountOptions', (value) => mounting({ mountOptions: value })],
    ['noProxy', (value) => desktop({}, { proxy: { httpProxy: 'http://proxy:3128', noProxy: [value] } })],
    ['configuration', (value) => desktop({ configuration: { '/custom/Value': value } })],
  ])('%s: refused with what was expected, or taken', (_, make) => {
    for (const [syntax, value] of VALUES) {
      const refused = (() => {
        try {
          make(value);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      })();
      if (refused !== undefined) expect(refused).toMatch(/^expected /);
      if (syntax === 'dynamic reference of CloudFormation') expect(refused).toBeDefined();
    }
  });
});
