import { Annotations, CfnResource, Stack, type TagManager, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { BootstrapTemplates } from '../../bootstrap/bootstrap-templates';
import type { BootstrapUserData } from '../../bootstrap/bootstrap-user-data';
import { SECRET_REFERENCE } from '../../bootstrap/node-context';
import type { UserDataBudget } from '../../bootstrap/user-data-budget';
import { MadeOnce } from '../../made-once';
import { NodeTags } from '../node-tags';

// By the texts that were validated, when no token changes any more.
const userDataFindings = new MadeOnce<Stack, { readonly size: ReturnType<UserDataBudget['_finding']>; readonly hasSecret: boolean }>();

/**
 * Checks at synth, for users add commands after the node is made.
 *
 * @internal
 */
export function userDataErrors(node: IConstruct, userData: BootstrapUserData): string[] {
  const stack = Stack.of(node);
  // Nodes that share a bundle mostly have the same UserData.
  const text = userData.render();
  const { size, hasSecret } = userDataFindings.get(stack, text, () => ({
    size: userData.budget(stack)._finding(),
    hasSecret: SECRET_REFERENCE.test(JSON.stringify(stack.resolve(text))),
  }));
  if (size?.level === 'warning') {
    Annotations.of(node).addWarningV2('cdk-cluster-nodes:userDataSize', size.message);
  }
  const secret =
    'expected UserData without secrets, which every process on the node could read, got a value of Secrets Manager or of a secure parameter; pass its ARN and fetch it with get_secret or Get-NodeSecret';
  const errors = [...(size?.level === 'error' ? [size.message] : []), ...(hasSecret ? [secret] : [])];
  return errors.map((message) => `${message} (at ${node.node.path})`);
}

/**
 * With instance tags in the metadata, EC2 refuses to launch an instance whose tag keys have other characters or are names
 * of the metadata's own; and any with more than 50 tags, of which some come at launch and from the node.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
 * @internal
 */
export function tagErrors(node: IConstruct, managers: TagManager[]): string[] {
  type Tag = { readonly Key?: string; readonly key?: string; readonly propagateAtLaunch?: boolean };
  const tags = managers.flatMap((manager) => (manager.renderTags() ?? []) as Tag[]);
  const keys = new Set(tags.filter((tag) => tag.propagateAtLaunch !== false).map((tag) => tag.Key ?? tag.key ?? ''));
  const remedy = `keep it from instances with excludeResourceTypes: ['AWS::EC2::LaunchTemplate', 'AWS::AutoScaling::AutoScalingGroup', 'aws:cdk:stack'] (at ${node.node.path})`;
  const errors = [...keys]
    .filter((key) => !Token.isUnresolved(key) && !/^(?!(\.|\.\.|_index)$)[A-Za-z0-9+\-=.,_:@]+$/.test(key))
    .map(
      (key) =>
        `expected instance tag keys of letters, digits and +-=.,_:@, and not ., .. or _index, which is what the instance metadata allows, got '${key}'; rename the tag, or ${remedy}`,
    );
  const { size } = new Set([...keys, ...(Object.values(NodeTags) as string[])]);
  return size > 50
    ? [...errors, `expected at most 50 instance tags with those of NodeTags, got ${size}; leave one out, or ${remedy}`]
    : errors;
}

const counted = new MadeOnce<Stack, Stack>();

/**
 * CDK says that a stack has too many resources; this says what to do about nodes.
 *
 * @internal
 */
export function checkResourceCount(stack: Stack): void {
  counted.get(stack, '', () => {
    stack.node.addValidation({ validate: () => resourceErrors(stack) });
    return stack;
  });
}

function resourceErrors(stack: Stack): string[] {
  const most = Number(stack.node.tryGetContext('@aws-cdk/core:stackResourceLimit') ?? 500);
  const count = stack.node.findAll().filter((child) => CfnResource.isCfnResource(child) && child.stack === stack).length;
  const problem = `expected at most ${most} resources in a stack, got ${count}; a node has a role, an instance profile and a security group besides its launch template: give nodes the same role and securityGroup, or spread them over several stacks (at ${stack.node.path})`;
  return most > 0 && count > most ? [problem] : [];
}

const overlays = new MadeOnce<IConstruct, { readonly first: IConstruct; readonly templates: Set<BootstrapTemplates> }>();

/**
 * A check at synth, when all nodes have read what they need: a file of an overlay that none has read is mostly a misspelled one.
 * Told once, at the first of its nodes.
 *
 * @internal
 */
export function checkOverlay(node: IConstruct, templates: BootstrapTemplates): () => void {
  if (templates.directory === undefined) {
    return () => {};
  }
  const overlay = overlays.get(node.node.root, templates.directory, () => ({ first: node, templates: new Set<BootstrapTemplates>() }));
  overlay.templates.add(templates);
  return () => {
    if (overlay.first !== node) return;
    for (const message of templates._unusedFiles(overlay.templates)) {
      Annotations.of(node).addWarningV2('cdk-cluster-nodes:unusedTemplate', message);
    }
    for (const message of [...overlay.templates].flatMap(({ _shellWarnings }) => [..._shellWarnings])) {
      Annotations.of(node).addWarningV2('cdk-cluster-nodes:shellSyntax', message);
    }
  };
}
