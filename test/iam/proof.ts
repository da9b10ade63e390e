import { type AuthorizationRequest, isAllowed } from '../boot-lab/services/iam';
import type { PolicyStatement } from '../boot-lab/services/world';
import { allowing, isAllowedBy, simulatorIsThere, unknownKeys } from './simulator';
import type { NodeRole } from './node-roles';
import { DEMANDED, isDemanded, singleStatements, textOf, widened } from './statements';

/** Something that somebody tries. All of its requests have to be allowed for it to work. */
export interface Attack {
  readonly name: string;
  readonly requests: readonly AuthorizationRequest[];
}

/** Somebody with permissions, what they do with them, and what they must not be able to do. */
export interface Subject {
  readonly name: string;
  /** Of the nodes that have the role. */
  readonly family?: NodeRole['family'];
  readonly statements: readonly PolicyStatement[];
  readonly calls: readonly AuthorizationRequest[];
  readonly attacks: readonly Attack[];
}

const ALL: readonly PolicyStatement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

/** Shown at the end of a suite, whether tests fail or not. */
export class Summary {
  private readonly lines: string[] = [];

  public constructor() {
    afterAll(() => void process.stdout.write(this.lines.map((line) => `IAM: ${line}\n`).join('')));
  }

  public add(line: string): void {
    this.lines.push(line);
  }
}

/** Defines the tests that hold for anybody. `whose` stands in the summary. */
export function prove(whose: string, subjects: readonly Subject[], summary: Summary): void {
  (simulatorIsThere ? describe : describe.skip)(whose, () => {
    test('every call is allowed', async () => {
      const denied: string[] = [];
      for (const { name, statements, calls } of subjects)
        for (const call of calls) if (!(await isAllowedBy(statements, call))) denied.push(`${name}: ${call.action} on ${call.resource}`);
      const asked = subjects.flatMap(({ calls }) => calls).length;
      summary.add(`${whose}: calls allowed ${asked - denied.length} of ${asked}`);
      expect(denied).toEqual([]);
    });

    test('every condition is about something that AWS knows for the action', async () => {
      for (const { name, statements } of subjects)
        for (const statement of singleStatements(statements))
          expect([name, textOf(statement), await unknownKeys(statement)]).toEqual([name, textOf(statement), []]);
    });

    test('every action and resource of every statement is used by a call, or a document demands it, and none twice', async () => {
      const idle: string[] = [];
      const twice: string[] = [];
      let all = 0;
      for (const { name, family, statements, calls } of subjects) {
        const single = singleStatements(statements);
        all += single.length;
        const used = new Set<PolicyStatement>();
        for (const call of calls) {
          const found = (await allowing(single, call)).map((place) => single[place]);
          found.forEach((statement) => used.add(statement));
          if (found.length > 1) twice.push(`${name}: ${call.action}: ${found.map(textOf).join(' and ')}`);
        }
        const wrong = single.filter((statement) => used.has(statement) === isDemanded(statement, family));
        idle.push(
          ...wrong.map((statement) => `${name}: ${textOf(statement)}${isDemanded(statement, family) ? ', used and demanded' : ''}`),
        );
      }
      summary.add(`${whose}: statements used or demanded ${all - idle.length} of ${all}`);
      expect(idle).toEqual([]);
      expect(twice).toEqual([]);
    });

    test('every attack is denied, and would work if everything were allowed', async () => {
      const working: string[] = [];
      const hollow: string[] = [];
      for (const { name, statements, attacks } of subjects)
        for (const attack of attacks) {
          if (await works(attack, statements)) working.push(`${name}: ${attack.name}`);
          if (!(await works(attack, ALL))) hollow.push(`${name}: ${attack.name}`);
        }
      const tried = subjects.flatMap(({ attacks }) => attacks);
      const kinds = new Set(tried.map(({ name }) => name)).size;
      summary.add(`${whose}: attacks denied ${tried.length - working.length} of ${tried.length}, of ${kinds} kinds`);
      expect(working).toEqual([]);
      expect(hollow).toEqual([]);
    });

    test('an attack finds every policy that is wider by a slip', async () => {
      const missed: string[] = [];
      let tried = 0;
      for (const { name, statements, attacks } of subjects)
        for (const statement of singleStatements(statements))
          for (const [slip, wider] of widened(statement)) {
            tried++;
            const others = singleStatements(statements).filter((other) => other !== statement);
            if (!(await anyWorks(attacks, [wider], others))) missed.push(`${name}: ${slip}: ${textOf(statement)}`);
          }
      summary.add(`${whose}: policy mutants caught ${tried - missed.length} of ${tried}`);
      expect(missed).toEqual([]);
    });

    test("the boot lab's own IAM decides as the simulator does", async () => {
      let asked = 0;
      for (const { name, statements, calls, attacks } of subjects)
        for (const request of [...calls, ...attacks.flatMap(({ requests }) => requests)]) {
          asked++;
          const decisions = { lab: isAllowed(statements, request), simulator: await isAllowedBy(statements, request) };
          expect([name, request, decisions]).toEqual([name, request, { lab: decisions.simulator, simulator: decisions.simulator }]);
        }
      summary.add(`${whose}: the lab's IAM agrees with the simulator on ${asked} of ${asked}`);
    });
  });
}

/** Entries of the list that no policy of all subjects has. */
export function demandedInVain(subjects: readonly Subject[]): readonly object[] {
  return DEMANDED.filter(
    (entry) => !subjects.some(({ family, statements }) => singleStatements(statements).some((each) => isDemanded(each, family, [entry]))),
  );
}

async function works({ requests }: Attack, statements: readonly PolicyStatement[]): Promise<boolean> {
  for (const request of requests) if (!(await isAllowedBy(statements, request))) return false;
  return true;
}

/** Whether an attack works with a statement that is wider than it was, and not without. */
async function anyWorks(
  attacks: readonly Attack[],
  wider: readonly PolicyStatement[],
  others: readonly PolicyStatement[],
): Promise<boolean> {
  const service = (action: string | readonly string[]) => (action as string).split(':')[0];
  const near = attacks.filter(({ requests }) => requests.some(({ action }) => service(action) === service(wider[0].Action)));
  for (const attack of near) if (await works(attack, [...wider, ...others])) return true;
  return false;
}
