import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { RecordedRun } from '../boot-lab/recorded-calls';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import type { PolicyStatement } from '../boot-lab/services/world';
import { attacks } from './attacks';
import { nodeRoles, type NodeRole } from './node-roles';
import { OWN_CALLS } from './own-calls';
import { Requests } from './place';
import { demandedInVain, prove, Summary } from './proof';
import { allowing, isAllowedBy, simulatorIsThere } from './simulator';
import { isDemanded, listOf, singleStatements } from './statements';

const ROOT = path.join(__dirname, '..', '..');
const ASSETS = path.join(ROOT, 'assets');
const RECORDED = path.join(ROOT, '.iam', 'calls.json');
const HOW = 'see "The permissions of the roles" in docs/boot-lab.md';
const summary = new Summary();
const recorded = existsSync(RECORDED) ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as readonly RecordedRun[]) : undefined;

if (process.env.CI === 'true') {
  test('nothing is skipped', () => {
    expect([simulatorIsThere, recorded !== undefined]).toEqual([true, true]);
  });
} else {
  if (!simulatorIsThere) summary.add(`skipped, @cloud-copilot/iam-simulate is not installed; ${HOW}`);
  if (recorded === undefined) summary.add(`skipped the calls of the boot lab, none are recorded; ${HOW}`);
}

const ROLES = nodeRoles();
const SUBJECTS = ROLES.map((role) => ({ ...role, calls: ownRequests(role), attacks: attacks(role.place) }));

function ownRequests({ place, family }: NodeRole): readonly AuthorizationRequest[] {
  return Object.values(OWN_CALLS)
    .filter((call) => Object.keys(call[family]).length > 0)
    .flatMap(({ requests }) => requests(new Requests(place), place));
}

prove(`${ROLES.length} roles of nodes`, SUBJECTS, summary);

test('each document demands something that a role has', () => {
  expect(demandedInVain(SUBJECTS)).toEqual([]);
});

test('a signal is sent with the role where that was asked for, and nowhere else', () => {
  const signalling = ROLES.filter(({ statements }) => /"cloudformation:(\*|Signal)/.test(JSON.stringify(statements)));
  expect(signalling.map(({ name }) => name)).toEqual(ROLES.filter(({ place }) => place.signalsWithRole).map(({ name }) => name));
});

describe('the list of calls', () => {
  /** Calls of AWS in a script: by their action, or the name of the function or cmdlet that makes them. */
  const CALL =
    /\bAction=([A-Z]\w+)|-Action '([A-Z]\w+)'|-Target '\w+\.([A-Z]\w+)'|\b(?:call_aws|aws_api|aws_change) (s3|logs) |\b(Send-AwsRequest (?:-Service )?'(?:s3|cloudformation)')|(?<!function )\b((?:Get|Read|Write|Save|Send|New|Set|Remove|Add|Update|Complete|Edit)-(?:S3|EC2|CFN|SEC|AS|SSM|KMS|CWL|STS|IAM)\w+)/g;

  test.each(['linux', 'windows'] as const)('of %s is what the scripts call', (family) => {
    const ofScripts = new Set<string>();
    for (const file of readdirSync(ASSETS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.j2'))) {
      if (file.endsWith('.ps.j2') !== (family === 'windows')) continue;
      const text = readFileSync(path.join(ASSETS, file), 'utf8').replace(/^\s*#.*$/gm, '');
      for (const [, ...names] of text.matchAll(CALL)) ofScripts.add(`${file}: ${names.find((name) => name !== undefined)}`);
    }
    const ofList = Object.values(OWN_CALLS).flatMap((call) =>
      Object.entries(call[family]).map(([file, text]) => `${file}: ${text.replace(/(call_aws|aws_api|aws_change) /, '').trim()}`),
    );
    expect([...ofScripts].sort()).toEqual(ofList.sort());
  });
});

(simulatorIsThere && recorded !== undefined ? describe : describe.skip)('calls that the boot lab has recorded', () => {
  test('are allowed by the policies of the same run', async () => {
    const denied: string[] = [];
    let asked = 0;
    for (const { run, calls, policies } of recorded!)
      for (const call of calls)
        for (const policy of policies) {
          asked++;
          if (!(await isAllowedBy(policy, call))) denied.push(`${run}: ${call.action} on ${call.resource}`);
        }
    summary.add(`recorded: calls of ${recorded!.length} runs allowed ${asked - denied.length} of ${asked}`);
    expect(recorded!.filter(({ calls }) => calls.length > 0).length).toBeGreaterThan(0);
    expect(denied).toEqual([]);
  });

  test('use every action and resource of every statement that no document demands', async () => {
    const all = new Set<string>();
    const used = new Set<string>();
    for (const run of recorded!)
      for (const policy of run.policies) {
        const statements = singleStatements(policy).filter((statement) => !isDemanded(statement));
        const shapes = statements.map((statement) => shapeOf(statement, run));
        shapes.forEach((shape) => all.add(shape));
        for (const call of run.calls) (await allowing(statements, call)).forEach((place) => used.add(shapes[place]));
      }
    summary.add(`recorded: statements used ${used.size} of ${all.size}`);
    expect([...all].filter((shape) => !used.has(shape))).toEqual([]);
  });

  test('are those of the list', () => {
    const ofList = new Set(SUBJECTS.flatMap(({ calls }) => calls).map(({ action }) => action));
    expect(recorded!.flatMap(({ calls }) => calls.map(({ action }) => action)).filter((action) => !ofList.has(action))).toEqual([]);
  });
});

/** A statement as it is in every stack, Region and partition. */
function shapeOf(statement: PolicyStatement, { run, kind, region, partition }: RecordedRun): string {
  const stack = run.replace('/', '-');
  const names: [string, string][] = [
    [`${stack}-image`, '<stack>'],
    [stack, '<stack>'],
    [region, '<region>'],
    [`arn:${partition}:`, 'arn:<partition>:'],
  ];
  return names.reduce(
    (text, [name, place]) => text.replaceAll(name, place),
    `${kind}: ${JSON.stringify([listOf(statement.Action), listOf(statement.Resource), statement.Condition])}`,
  );
}
