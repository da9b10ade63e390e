import { CfnParameter, Fn, Lazy, SecretValue, type Stack } from 'aws-cdk-lib';
import type * as cdk from 'aws-cdk-lib';
import { ClusterNode, NodeOs, NodeType } from '../../../lib';
import { sampleCluster } from '../../sample-cluster';

/** What is made by another copy of aws-cdk-lib than the library's: a linked package or a monorepo has two. */
function inOtherCopy<Made>(make: (other: typeof cdk) => Made): Made {
  let made!: Made;
  // Its modules are loaded when they are first used: that has to be in here.
  jest.isolateModules(() => {
    made = make(jest.requireActual('aws-cdk-lib'));
  });
  return made;
}

/** A node of an app whose templates read a value. */
function nodeWith(make: (stack: Stack) => unknown) {
  const { app, stack, cluster } = sampleCluster();
  const configuration = { '/configuration/Licences': make(stack) };
  return {
    app,
    node: new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE, configuration }),
  };
}

test('the copy is another one', () => {
  expect(inOtherCopy((other) => other.SecretValue)).not.toBe(SecretValue);
});

describe('secrets of another copy of aws-cdk-lib', () => {
  const secretInContext = expect.objectContaining({ code: 'SecretInContext' }) as Error;

  test.each<[string, (other: typeof cdk) => unknown]>([
    ['a value', (other) => other.SecretValue.secretsManager('arn')],
    ['a value as text', (other) => other.SecretValue.secretsManager('arn').toString()],
    ['a value unwrapped', (other) => other.SecretValue.secretsManager('arn').unsafeUnwrap()],
    ['a value of a secure parameter', (other) => `x${other.SecretValue.ssmSecure('/name').unsafeUnwrap()}y`],
    ['a plain value', (other) => other.SecretValue.unsafePlainText('secret')],
    ['a reference', (other) => new other.CfnDynamicReference(other.CfnDynamicReferenceService.SECRETS_MANAGER, 'arn').toString()],
  ])('%s', (_, make) => {
    expect(() => nodeWith(() => inOtherCopy(make))).toThrow(secretInContext);
  });

  test('what is no secret is none', () => {
    expect(() =>
      nodeWith(() => inOtherCopy((other) => new other.CfnDynamicReference(other.CfnDynamicReferenceService.SSM, '/name').toString())),
    ).not.toThrow();
    expect(() => nodeWith((stack) => inOtherCopy((other) => new other.CfnParameter(stack, 'Parameter').valueAsString))).not.toThrow();
  });
});

test('the length of a parameter of another copy counts', () => {
  const sizeWith = (parameter: (stack: Stack) => CfnParameter) => {
    const { node } = nodeWith(() => null);
    node.userData.addCommands(parameter(node.stack).valueAsString);
    return node.userDataBudget.worstCaseBytes;
  };
  const own = (stack: Stack) => new CfnParameter(stack, 'Parameter', { maxLength: 10 });
  const others = (stack: Stack) => inOtherCopy((other) => new other.CfnParameter(stack, 'Parameter', { maxLength: 10 }));
  expect(sizeWith(others)).toBe(sizeWith(own));
});

describe('secrets that come to light when tokens are resolved', () => {
  const message = /expected UserData without secrets.*\(at Stack\/Node\)/;
  const secret = () => SecretValue.secretsManager('arn').unsafeUnwrap();

  test.each<[string, () => string]>([
    ['joined', () => Fn.join('-', ['a', secret()])],
    ['lazy', () => Lazy.string({ produce: secret })],
    ['as it is', secret],
  ])('in a command, %s', (_, make) => {
    const { app, node } = nodeWith(() => null);
    node.userData.addCommands(`echo ${make()}`);
    expect(() => app.synth()).toThrow(message);
  });
});
