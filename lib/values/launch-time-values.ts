import type { NodeOsFamily } from '../nodes/node-os-props';
import { NodeType } from '../nodes/node-type';
import { variableName } from '../templates/value-kinds';
import { sessionOwnerRule } from './session-owner';
import { ruleContext, type ValueRule } from './value-rule';

/**
 * A value that is given when one instance is launched: all its names, and its rule. It is a field of a request, a parameter
 * of the template of a session, a tag of the stack (where the session is found again) and of the instance (where the node
 * reads it), a context key of templates, and a variable for the users of the node.
 *
 * @internal
 */
export interface LaunchTimeValue {
  /** The template parameter; the tag is called like it. */
  readonly name: 'ClusterId' | 'SessionOwner' | 'SessionName' | 'SessionId' | 'Project';
  /** The property of a request, of a session and of a filter. */
  readonly field: 'clusterId' | 'owner' | 'sessionName' | 'sessionId' | 'project';
  /** Whether a session can do without. */
  readonly optional: boolean;
  /** What it has to look like on an operating system, or on any while that is not known. */
  readonly rule: (osFamily?: `${NodeOsFamily}`) => ValueRule;
  /** How the node knows it; absent for what it knows from the time of synthesis. */
  readonly onNode?: NodeValue;
}

/** @internal */
export interface NodeValue {
  /** Context key. */
  readonly key: string;
  /** Meaning of the context key. */
  readonly meaning: string;
  /** Environment variable for the users of the node. */
  readonly environment: string;
  /** Whether the bootstrap fails without the tag. */
  readonly required: boolean;
  readonly nodeTypes: readonly NodeType[];
}

const DESKTOPS = [NodeType.DCV_NODE];

/**
 * The stacks of its desktops are `<cluster id>-desktop-<session id>`: those of a cluster `lab-desktop` would be in the
 * permissions of `lab`.
 *
 * @internal
 */
export const CLUSTER_ID: ValueRule = {
  pattern: '[a-zA-Z][a-zA-Z0-9-]*',
  maxLength: 32,
  reserved: '.*-desktop(-.*)?',
  description: '1 to 32 letters, digits and hyphens, beginning with a letter and without -desktop- in it or -desktop at its end',
};

/**
 * The name of a stack ends with it, which has at most 128 letters, digits and hyphens; DCV takes as much. A UUID is one too.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
 */
const SESSION_ID: ValueRule = {
  pattern: '[a-z0-9][a-z0-9-]*',
  maxLength: 48,
  description: '1 to 48 lower-case letters, digits and hyphens, beginning with a letter or a digit',
};

const SESSION_NAME: ValueRule = {
  pattern: '[a-zA-Z0-9]([a-zA-Z0-9 _.-]*[a-zA-Z0-9_.-])?',
  maxLength: 32,
  description:
    '1 to 32 letters, digits, spaces, underscores, dots and hyphens, beginning with a letter or a digit and not ending with a space',
};

const PROJECT: ValueRule = {
  pattern: '[a-zA-Z0-9][a-zA-Z0-9_.-]*',
  maxLength: 64,
  description: '1 to 64 letters, digits, underscores, dots and hyphens, beginning with a letter or a digit',
};

/** In the order in which the node reads them. @internal */
export const LAUNCH_TIME_VALUES: readonly LaunchTimeValue[] = [
  { name: 'ClusterId', field: 'clusterId', optional: false, rule: () => CLUSTER_ID },
  {
    name: 'SessionOwner',
    field: 'owner',
    optional: false,
    rule: sessionOwnerRule,
    onNode: {
      key: '/dcv/SessionOwner',
      meaning: 'User who owns the desktop.',
      environment: 'CLUSTER_NODE_SESSION_OWNER',
      required: true,
      nodeTypes: DESKTOPS,
    },
  },
  {
    name: 'SessionName',
    field: 'sessionName',
    optional: true,
    rule: () => SESSION_NAME,
    onNode: {
      key: '/dcv/SessionName',
      meaning: 'Name of the desktop that its owner sees; empty when the tag is not set.',
      environment: 'CLUSTER_NODE_SESSION_NAME',
      required: false,
      nodeTypes: DESKTOPS,
    },
  },
  {
    name: 'SessionId',
    field: 'sessionId',
    optional: false,
    rule: () => SESSION_ID,
    onNode: {
      key: '/dcv/SessionId',
      meaning: 'Identifier of the desktop; empty when the tag is not set.',
      environment: 'CLUSTER_NODE_SESSION_ID',
      required: false,
      nodeTypes: DESKTOPS,
    },
  },
  {
    name: 'Project',
    field: 'project',
    optional: true,
    rule: () => PROJECT,
    onNode: {
      key: '/job/JobProject',
      meaning: 'Project that the node works for; empty when the tag is not set.',
      environment: 'CLUSTER_NODE_PROJECT',
      required: false,
      nodeTypes: Object.values(NodeType),
    },
  },
];

/** The names of other tags: those that a session sets besides, those that the node writes, and those of a role or an image. */
type OtherTag =
  | 'NodeType'
  | 'BaseOS'
  | 'SignalStack'
  | 'SignalResource'
  | 'LaunchHook'
  | 'State'
  | 'StateReason'
  | 'PhaseSeconds'
  | 'LibraryVersion'
  | 'ImageParameter';

/**
 * The key of a tag. The instance metadata shows no keys with other characters than letters, digits and `+-=.,_:@`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
 * @internal
 */
export function tagKey(name: LaunchTimeValue['name'] | OtherTag): string {
  return `cluster-node:${name}`;
}

/**
 * The rule of an instance tag, and its name as a property of a construct; undefined for a tag that is no launch-time value.
 *
 * @internal
 */
export function ruleOfTag(key: string, osFamily: `${NodeOsFamily}`): { readonly property: string; readonly rule: ValueRule } | undefined {
  const value = LAUNCH_TIME_VALUES.find(({ name }) => tagKey(name) === key);
  return value && { property: value.name.replace(/^./, (letter) => letter.toLowerCase()), rule: value.rule(osFamily) };
}

/** The launch-time values that a node of each type knows, with what its templates read of them. */
const KNOWN_TO = new Map(
  Object.values(NodeType).map((nodeType) => {
    const known = LAUNCH_TIME_VALUES.flatMap((value) =>
      value.onNode?.nodeTypes.includes(nodeType) ? [{ ...value, ...value.onNode }] : [],
    );
    const read = known.map(({ name, key, environment, required }) => ({
      key,
      variable: variableName(key),
      tag: tagKey(name),
      environment,
      required,
    }));
    return [nodeType, { known, read }];
  }),
);

function knownTo(nodeType: NodeType) {
  return KNOWN_TO.get(nodeType) ?? { known: [], read: [] };
}

/** The launch-time values of a node as its templates read them. @internal */
export function launchTimeValuesOf(nodeType: NodeType) {
  return knownTo(nodeType).read;
}

/** The context key of the rule of a launch-time value. @internal */
export function ruleKey(key: string): string {
  return `${key}Rule`;
}

/** The rules of the launch-time values of a node, by their context keys. @internal */
export function launchTimeRules(nodeType: NodeType, osFamily: `${NodeOsFamily}`): { [key: string]: unknown } {
  return Object.fromEntries(knownTo(nodeType).known.map(({ key, rule }) => [ruleKey(key), ruleContext(rule(osFamily))]));
}
