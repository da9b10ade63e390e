import { execFile } from 'child_process';
import * as path from 'path';
import { promisify } from 'util';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Cluster, NodeImage, NodeOs, VirtualDesktopNode } from '../../lib';
import { Emulator } from './emulator';

// The parameter of an image, written by the function that the CDK brings for it, in an account that moto plays: what
// CloudFormation sends the function stands in the template, and when it sends what is its contract.

jest.setTimeout(120_000);

const HANDLER = path.join(
  path.dirname(require.resolve('aws-cdk-lib')),
  'custom-resource-handlers/dist/custom-resources/aws-custom-resource-handler/index.js',
);

// Answers go to an address of S3 by https; here to standard output.
const RUN = `
  const https = require('https');
  https.request = (options, listener) => ({ on() {}, write(body) { process.stdout.write(body); }, end() { listener({ statusCode: 200, on() {}, resume() {} }); } });
  console.log = () => {};
  require(process.argv[1]).handler(JSON.parse(process.argv[2]), {}).then(() => process.exit());`;

let emulator: Emulator;
let image: NodeImage;

beforeAll(async () => {
  emulator = await Emulator.start();
});

afterAll(async () => emulator?.stop());

/** The properties of the custom resource, when the parameter of the vendor has a certain value. */
function properties(baseImage: string): { readonly [name: string]: unknown } {
  const stack = new Stack(new App(), 'Stack');
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc: new ec2.Vpc(stack, 'Vpc') });
  const node = new VirtualDesktopNode(stack, 'Desktop', { cluster, os: NodeOs.UBUNTU_24_04 });
  image = new NodeImage(stack, 'Image', { node });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::NodeImageParameter')) as {
    Properties: { [name: string]: unknown };
  }[];
  const parts = (Properties.Create as { 'Fn::Join': [string, (string | { Ref: string })[]] })['Fn::Join'][1];
  return { ...Properties, ServiceToken: 'arn', Create: parts.map((part) => (typeof part === 'string' ? part : baseImage)).join('') };
}

/** What CloudFormation sends, and what it gets back. */
async function send(request: 'Create' | 'Update' | 'Delete', baseImage: string) {
  const event = {
    RequestType: request,
    ResponseURL: 'https://cloudformation.example.com/',
    StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/Stack/1',
    RequestId: '1',
    LogicalResourceId: 'ImageParameter',
    ResourceProperties: properties(baseImage),
    ...(request === 'Create' ? {} : { PhysicalResourceId: properties(baseImage) && image.parameterName }),
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', RUN, HANDLER, JSON.stringify(event)], {
    env: emulator.environment(path.join(__dirname, '..', '..')),
  });
  const { Status: status, Reason: reason, PhysicalResourceId: id } = JSON.parse(stdout) as { [name: string]: string };
  return { status, id, reason: status === 'FAILED' ? reason : undefined };
}

async function value(): Promise<string> {
  const { Parameter: parameter } = await emulator.call<{ Parameter: { Value: string } }>('ssm', 'get_parameter', {
    Name: image.parameterName,
  });
  return parameter.Value;
}

const done = () => ({ status: 'SUCCESS', id: image.parameterName, reason: undefined });

test('the first deployment writes the base image', async () => {
  expect(await send('Create', 'ami-0000000000000u2404')).toEqual(done());
  expect(await value()).toBe('ami-0000000000000u2404');
});

test('a later one does not put a baked image back, when the base image has moved', async () => {
  await emulator.call('ssm', 'put_parameter', { Name: image.parameterName, Value: 'ami-0000000000000baked', Overwrite: true });
  expect(await send('Update', 'ami-0000000000000newer')).toEqual(done());
  expect(await value()).toBe('ami-0000000000000baked');
});

test('nor does a stack that finds it there', async () => {
  expect(await send('Create', 'ami-0000000000000newer')).toEqual(done());
  expect(await value()).toBe('ami-0000000000000baked');
});

test('it goes with the stack, also when it is gone', async () => {
  expect(await send('Delete', 'ami-0000000000000newer')).toEqual(done());
  await expect(value()).rejects.toThrow('ParameterNotFound');
  expect(await send('Delete', 'ami-0000000000000newer')).toEqual(done());
});
