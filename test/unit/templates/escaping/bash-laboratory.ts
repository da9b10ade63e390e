import { spawnSync } from 'child_process';
import * as fc from 'fast-check';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Segment } from '../../../../lib/templates/escaping/segments';
import { TemplateError } from '../../../../lib/templates/template-error';
import { VariableReference } from '../../../../lib/templates/value-kinds';
import { BashCase, bashCases } from './bash-cases';

export type Escape = (segments: readonly Segment[]) => string;

/** Errors that are right: nothing can be written that keeps such a value in such a place. */
const RIGHT_REFUSALS = new Set(['UnrepresentableCharacter', 'ValueInHereDocument']);

function isRightRefusal(error: unknown): boolean {
  return error instanceof TemplateError && RIGHT_REFUSALS.has(error.code);
}

const PRELUDE = `
set -u
export ID
print() { printf '%s' "$@"; }
arrive() { printf '%s\\0' "$ID" "$#" "$@" >&9; }
slurp() { local text; IFS= read -r -d '' text; printf '%s' "$text"; }
both() { local a b; IFS= read -r -d '' a <&3; IFS= read -r -d '' b <&4; arrive "$a" "$b"; }
command_not_found_handle() { printf '%s\\n' "$ID ran $*" >>"$CANARY"; return 127; }
known='k  n*'
set -- one
`;

export interface Outcome {
  readonly run: number;
  readonly refused: number;
  /** What went wrong first, if anything did. */
  readonly failure?: Failure;
}

export interface Failure {
  /** Of the case, when it is known. */
  readonly index?: number;
  readonly message: string;
}

/** Runs many cases in one real bash and compares what arrives. */
export class BashLaboratory {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'escaping-'));
  private readonly cwd = path.join(this.folder, 'cwd');
  private readonly traps = path.join(this.folder, 'bin');
  private readonly canary = path.join(this.folder, 'canary');

  public constructor(
    private readonly escape: Escape,
    private readonly locale = 'C.UTF-8',
  ) {
    fs.mkdirSync(this.cwd);
    fs.mkdirSync(this.traps);
    for (const name of ['pwned', 'root', 'a', 'b', 'id']) {
      fs.writeFileSync(path.join(this.traps, name), `#!/bin/sh\necho "$ID ran ${name}" >> '${this.canary}'\n`, { mode: 0o755 });
    }
  }

  public close(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  public run(cases: readonly BashCase[]): Outcome {
    const references: string[] = [];
    const script: string[] = [];
    const expected = new Map<number, BashCase>();
    let refused = 0;
    cases.forEach((each, id) => {
      const segments: Segment[] = each.parts.map((part) => {
        if (typeof part === 'string') {
          return { kind: 'text', text: part };
        }
        if (!part.reference) {
          return { kind: 'value', value: part.value, template: 'case.sh.j2' };
        }
        references.push(String(part.value));
        return { kind: 'value', value: new VariableReference(`/ref/${references.length - 1}`, 'launch-time'), template: 'case.sh.j2' };
      });
      try {
        script.push(`ID=${id}\n${this.escape(segments)}`);
        expected.set(id, each);
      } catch (error) {
        if (!isRightRefusal(error)) {
          throw error;
        }
        refused += 1;
      }
    });
    const failure = this.runScript(script, references, expected);
    return { run: expected.size, refused, failure };
  }

  private runScript(
    script: readonly string[],
    references: readonly string[],
    expected: ReadonlyMap<number, BashCase>,
  ): Failure | undefined {
    const file = (name: string): string => path.join(this.folder, name);
    const encoded = Buffer.from(references.map((value) => `${value}\0`).join('')).toString('base64');
    const assignments = references.map((_value, index) => `VALUE_REF_${index}=\${references[${index}]}\n`).join('');
    fs.writeFileSync(file('references'), encoded);
    fs.writeFileSync(
      file('script.sh'),
      `${PRELUDE}mapfile -d '' -t references < <(/usr/bin/base64 -d '${file('references')}')\n${assignments}${script.join('')}ID=end\narrive\n`,
    );
    fs.rmSync(this.canary, { force: true });
    fs.writeFileSync(file('arrived'), '');
    const bash = spawnSync('/bin/bash', ['--norc', '-c', `exec 9>>"$1"; . "$2"`, 'case', file('arrived'), file('script.sh')], {
      cwd: this.cwd,
      env: { PATH: this.traps, CANARY: this.canary, LC_ALL: this.locale, HOME: '/home/nobody' },
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (fs.existsSync(this.canary)) {
      const ran = fs.readFileSync(this.canary, 'utf8');
      return { index: Number(/^\d+/.exec(ran)?.[0] ?? 0), message: `executed: ${ran}` };
    }
    const left = fs.readdirSync(this.cwd);
    if (left.length > 0) {
      left.forEach((name) => fs.rmSync(path.join(this.cwd, name), { recursive: true }));
      return { message: `executed: wrote the files ${JSON.stringify(left)}` };
    }
    const arrived = new Map<string, string[][]>();
    const fields = fs.readFileSync(file('arrived'), 'utf8').split('\0');
    for (let i = 0; i + 1 < fields.length;) {
      const count = Number(fields[i + 1]);
      arrived.set(fields[i], [...(arrived.get(fields[i]) ?? []), fields.slice(i + 2, i + 2 + count)]);
      i += 2 + count;
    }
    for (const [id, each] of expected) {
      const got = arrived.get(String(id)) ?? [];
      if (JSON.stringify(got) !== JSON.stringify(each.arrivals)) {
        const message = [
          `altered: arrived ${visible(got)}, expected ${visible(each.arrivals)}`,
          script.find((text) => text.startsWith(`ID=${id}\n`)),
          bash.stderr.toString().slice(0, 1000),
        ].join('\n');
        return { index: id, message };
      }
    }
    return arrived.has('end') ? undefined : { message: `bash stopped before the end: ${bash.stderr.toString().slice(0, 1000)}` };
  }
}

export interface SearchResult {
  readonly run: number;
  readonly refused: number;
  readonly failure?: string;
}

const BATCH = 400;

/** Runs at least `count` random cases. A failure comes back shrunk to the smallest case that shows it. */
export function searchForFailure(laboratory: BashLaboratory, count: number, seed: number): SearchResult {
  let run = 0;
  let refused = 0;
  for (let batch = seed; run < count; batch += 1) {
    const outcome = laboratory.run(fc.sample(bashCases, { seed: batch, numRuns: BATCH }));
    run += outcome.run;
    refused += outcome.refused;
    if (outcome.failure !== undefined) {
      return { run, refused, failure: `ESCAPING_SEED=${batch}: ${shrunk(laboratory, batch, outcome.failure)}` };
    }
  }
  return { run, refused };
}

/** The same random case again, by itself, and then ever smaller ones while they fail. */
function shrunk(laboratory: BashLaboratory, seed: number, failure: Failure): string {
  if (failure.index === undefined) {
    return failure.message;
  }
  const details = fc.check(
    fc.property(bashCases, (each) => laboratory.run([each]).failure === undefined),
    { seed, path: String(failure.index), numRuns: 1, interruptAfterTimeLimit: 30_000 },
  );
  const [smallest] = details.counterexample ?? [];
  const message = smallest === undefined ? undefined : laboratory.run([smallest]).failure?.message;
  return `${visible(smallest?.parts ?? 'alone it does not fail')}\n${message ?? failure.message}`.slice(0, 4_000);
}

function visible(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
