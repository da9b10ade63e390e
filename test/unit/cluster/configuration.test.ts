import { Aws } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { NodeOs, VirtualDesktopNode } from '../../../lib';
import { CONTEXT_KEYS } from '../../../lib/values/context-keys';
import { FIXED_KEYS } from '../../../lib/values/fixed-keys';
import { sampleCluster } from '../../sample-cluster';

type Configuration = { [key: string]: unknown };

function desktop(configuration: Configuration) {
  const { stack, cluster } = sampleCluster();
  return new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.UBUNTU_24_04, configuration });
}

test('a port of DCV that allowDcvFrom does not open is refused', () => {
  const port = { '/system/dcv/port': 9443 };
  const message = /no \/system\/dcv\/port in configuration.*; leave it out, allowDcvFrom opens 8443 \(at Stack\//;
  expect(() => desktop(port)).toThrow(message);
  expect(() => sampleCluster({ configuration: port })).toThrow(message);
});

test.each(Object.keys(FIXED_KEYS))('%s is a key of the library, and refused', (key) => {
  expect(CONTEXT_KEYS).toHaveProperty([key]);
  expect(() => desktop({ [key]: Aws.REGION })).toThrow(`expected no ${key} in configuration`);
});

test.each<[string, unknown]>([
  ['/system/dcv/url', 'https://m.example.com/dcv.tgz'],
  ['/system/dcv/idle_timeout', Aws.REGION],
  ['/system/dcv/ready_seconds', 30],
  ['/configuration/HttpProxy', null],
  ['/system/selinux', false],
  ['/system/gpu/repositories', []],
  ['/system/gpu/url', undefined],
  ['/dcv/WebClientMaxResolution', { width: 800, height: 600 }],
])('%s may be %p', (key, value) => {
  expect(() => desktop({ [key]: value })).not.toThrow();
});

test.each<[string, unknown, string]>([
  ['/system/dcv/ready_seconds', '30', 'int, got a string'],
  ['/system/dcv/idle_timeout', 1.5, 'int, got a number'],
  ['/system/dcv/url', 1, 'string, got a number'],
  ['/system/dcv/sha256', null, 'string, got None'],
  ['/system/selinux', 'yes', 'bool, got a string'],
  ['/job/Packages', 'tmux', 'list of string, got a string'],
  ['/dcv/WebClientMaxResolution', [800, 600], 'dict or None, got a list'],
])('%s may not be %p', (key, value, message) => {
  expect(() => desktop({ [key]: value })).toThrow(`expected ${key} in configuration to be ${message} (at Stack/Node)`);
});

test('a key that nodes set has no effect in a cluster, and is refused', () => {
  expect(() => sampleCluster({ configuration: { '/system/selinux': false } })).toThrow(
    /no \/system\/selinux in configuration of a cluster, which nodes set; give it to a node \(at Stack\/Cluster\)/,
  );
});

test.each([
  ['/system/dcv/Ready_Seconds', '/system/dcv/ready_seconds'],
  ['/system/dcv/readySeconds', '/system/dcv/ready_seconds'],
  ['/system/dcv/Port', '/system/dcv/port'],
  ['/configuration/TimeZone', '/configuration/Timezone'],
])('%s is a warning', (given, meant) => {
  const { stack } = desktop({ [given]: 'x' });
  Annotations.fromStack(stack).hasWarning('/Stack/Node', Match.stringLikeRegexp(`reads ${given} .*did you mean ${meant}\\?`));
});

test.each(['/configuration/LicenceServer', '/system/site/Name', '/job/Queue'])('%s is a key of the team, without a word', (key) => {
  const { stack } = desktop({ [key]: 'x' });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('did you mean'));
});
