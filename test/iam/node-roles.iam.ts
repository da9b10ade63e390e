import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { isAllowed } from '../boot-lab/services/iam';
import type { RecordedRun } from '../boot-lab/recorded-calls';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import type { PolicyStatement } from '../boot-lab/services/world';
import { type Attack, attacks } from './attacks';
import { nodeRoles, type NodeRole } from './node-roles';
import { OWN_CALLS } from './own-calls';
import { Requests } from './place';
import { allowing, isAllowedBy, simulatorIsThere } from './simulator';
import { DEMANDED, listOf, singleStatements, textOf, widened } from './statements';

const ROOT = path.join(__dirname, '..', '..');
const ASSETS = path.join(ROOT, 'assets');
const RECORDED = path.join(ROOT, '.iam', 'calls.json');
const INSTALL = 'see "The permissions of the roles" in docs/boot-lab.md';
const ROLES = nodeRoles();
const recorded = existsSync(RECORDED) ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as readonly RecordedRun[]) : undefined;
const summary: string[] = [];

afterAll(() => {
  process.stdout.write(`${summary.map((line) => `IAM: ${line}\n`).join('')}`);
});

if (process.env.CI === 'true') {
  test('nothing is skipped', () => {
    expect([simulatorIsThere, recorded !== undefined]).toEqual([true, true]);
  });
} else {
  if (!simulatorIsThere) summary.push(`skipped, @cloud-copilot/iam-simulate is not installed; ${INSTALL}`);
  if (recorded === undefined) summary.push(`skipped the calls of the boot lab, none are recorded; ${INSTALL}`);
}

const simulated = simulatorIsThere ? describe : describe.skip;

const ALL: readonly PolicyStatement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

function ownRequests({ place, family }: NodeRole): readonly AuthorizationRequest[] {
  return Object.values(OWN_CALLS)
    .filter((call) => Object.keys(call[family]).length > 0)
    .flatMap(({ requests }) => requests(new Requests(place), place));
}

/** Whether everything that an attack needs is allowed. */
async function succeeds(statements: readonly PolicyStatement[], { requests }: Attack): Promise<boolean> {
  for (const request of requests) if (!(await isAllowedBy(statements, request))) return false;
  return true;
}

function isDemanded(statement: PolicyStatement): boolean {
  return DEMANDED.some(({ action, resource }) => action.test(statement.Action as string) && resource.test(statement.Resource as string));
}

simulated('roles of nodes', () => {
  test('every call of the scripts is allowed', async () => {
    const denied: string[] = [];
    let asked = 0;
    for (const role of ROLES)
      for (const request of ownRequests(role)) {
        asked++;
        if (!(await isAllowedBy(role.statements, request))) denied.push(`${role.name}: ${request.action} on ${request.resource}`);
      }
    summary.push(`calls of ${ROLES.length} roles allowed ${asked - denied.length} of ${asked}`);
    expect(denied).toEqual([]);
  });

  test('every action and resource of every statement is used by a call, or a document demands it', async () => {
    const idle: string[] = [];
    const needed = new Set<object>();
    let all = 0;
    for (const role of ROLES) {
      const statements = singleStatements(role.statements);
      all += statements.length;
      const used = new Set<number>();
      for (const request of ownRequests(role)) (await allowing(statements, request)).forEach((place) => used.add(place));
      statements.forEach((statement, place) => {
        if (!used.has(place) && !isDemanded(statement)) idle.push(`${role.name}: ${textOf(statement)}`);
        if (used.has(place) && isDemanded(statement)) idle.push(`${role.name}: used, and demanded all the same: ${textOf(statement)}`);
      });
      DEMANDED.filter(({ action, resource }) =>
        statements.some((one) => action.test(one.Action as string) && resource.test(one.Resource as string)),
      ).forEach((entry) => needed.add(entry));
    }
    summary.push(`statements used or demanded ${all - idle.length} of ${all}`);
    expect(idle).toEqual([]);
    expect(DEMANDED.filter((entry) => !needed.has(entry))).toEqual([]);
  });

  test('nothing is allowed twice', async () => {
    for (const role of ROLES) {
      const statements = singleStatements(role.statements);
      for (const request of ownRequests(role))
        expect([role.name, request.action, (await allowing(statements, request)).map((place) => textOf(statements[place]))]).toEqual([
          role.name,
          request.action,
          [expect.any(String)],
        ]);
    }
  });

  test('a signal is sent with the role where that was asked for, and nowhere else', () => {
    const signalling = ROLES.filter(({ statements }) => /"cloudformation:(\*|Signal)/.test(JSON.stringify(statements)));
    expect(signalling.map(({ name }) => name)).toEqual(ROLES.filter(({ place }) => place.signalsWithRole).map(({ name }) => name));
  });

  test('every attack is denied, and would work if everything were allowed', async () => {
    const working: string[] = [];
    const hollow: string[] = [];
    let tried = 0;
    for (const role of ROLES)
      for (const attack of attacks(role.place)) {
        tried++;
        if (await succeeds(role.statements, attack)) working.push(`${role.name}: ${attack.name}`);
        if (!(await succeeds(ALL, attack))) hollow.push(`${role.name}: ${attack.name}`);
      }
    const names = new Set(ROLES.flatMap(({ place }) => attacks(place).map(({ name }) => name)));
    summary.push(`attacks denied ${tried - working.length} of ${tried}, of ${names.size} kinds`);
    expect(working).toEqual([]);
    expect(hollow).toEqual([]);
  });

  test('an attack finds every policy that is wider by a slip', async () => {
    const missed: string[] = [];
    let tried = 0;
    for (const role of ROLES) {
      const attempts = attacks(role.place);
      for (const statement of singleStatements(role.statements))
        for (const [slip, wider] of widened(statement)) {
          tried++;
          const service = (statement.Action as string).split(':')[0];
          let caught = false;
          for (const attempt of attempts.filter(({ requests }) => requests.every(({ action }) => action.startsWith(`${service}:`))))
            caught ||= await succeeds([wider], attempt);
          if (!caught) missed.push(`${role.name}: ${slip}: ${textOf(statement)}`);
        }
    }
    summary.push(`policy mutants caught ${tried - missed.length} of ${tried}`);
    expect(missed).toEqual([]);
  });

  test("the boot lab's own IAM decides as the simulator does", async () => {
    let asked = 0;
    for (const role of ROLES)
      for (const request of [...ownRequests(role), ...attacks(role.place).flatMap(({ requests }) => requests)]) {
        asked++;
        expect([role.name, request, isAllowed(role.statements, request)]).toEqual([
          role.name,
          request,
          await isAllowedBy(role.statements, request),
        ]);
      }
    summary.push(`the lab's IAM agrees with the simulator on ${asked} of ${asked}`);
  });
});

describe('the list of calls', () => {
  /** Calls of AWS in a script: with the client of Linux by their action, with the cmdlets of Windows by their name. */
  const CALL =
    /\bAction=([A-Z]\w+)|\bcall_aws (s3) |\b((?:Get|Read|Write|Send|New|Set|Remove|Add|Update|Complete|Edit)-(?:S3|EC2|CFN|SEC|AS|SSM|KMS|CWL|STS|IAM)\w+)/g;

  test.each(['linux', 'windows'] as const)('of %s is what the scripts call', (family) => {
    const ofScripts = new Set<string>();
    for (const file of readdirSync(ASSETS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.j2'))) {
      if (file.endsWith('.ps.j2') !== (family === 'windows')) continue;
      const text = readFileSync(path.join(ASSETS, file), 'utf8').replace(/^\s*#.*$/gm, '');
      for (const [, action, s3, cmdlet] of text.matchAll(CALL)) ofScripts.add(`${file}: ${action ?? s3 ?? cmdlet}`);
    }
    const ofList = Object.values(OWN_CALLS).flatMap((call) =>
      Object.entries(call[family]).map(([file, text]) => `${file}: ${text.replace('call_aws ', '').trim()}`),
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
    summary.push(`recorded calls of ${recorded!.length} runs allowed ${asked - denied.length} of ${asked}`);
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
    summary.push(`recorded statements used ${used.size} of ${all.size}`);
    expect([...all].filter((shape) => !used.has(shape))).toEqual([]);
  });

  test('are those of the list', () => {
    const ofList = new Set(ROLES.flatMap((role) => ownRequests(role)).map(({ action }) => action));
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
