import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { ACCOUNT } from './app/synthesis';
import { DEFAULT_REGION } from './catalogue';
import type { RunResult } from './half';
import type { Scenario } from './scenario';
import type { AuthorizationRequest } from './services/iam';
import { isOfAws, type PolicyStatement } from './services/world';

/** What the scripts of one run asked of AWS with the node's role, and what the templates of that run allow the role. */
export interface RecordedRun {
  readonly run: string;
  readonly kind: string;
  readonly region: string;
  readonly partition: string;
  readonly account: string;
  /** At the start and, where the stack was updated, after it. */
  readonly policies: readonly (readonly PolicyStatement[])[];
  /** Each once. */
  readonly calls: readonly AuthorizationRequest[];
  /** Calls that were not made with the role. */
  readonly withoutRole: readonly string[];
}

/** Writes the calls of the runs to a file, for the proof of the permissions. */
export function writeCalls(file: string, results: readonly RunResult[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results.map(recorded), undefined, 1)}\n`);
}

function recorded({ run, seen, policies }: RunResult): RecordedRun {
  const calls = (seen?.calls ?? []).filter((call) => isOfAws(call) && call.caller === 'bootstrap');
  const place: Pick<Scenario, 'region' | 'partition'> = run.system === 'linux' ? run.scenario : {};
  const once = new Map(calls.flatMap(({ authorization }) => (authorization ? [[JSON.stringify(authorization), authorization]] : [])));
  return {
    run: run.name,
    kind: run.system === 'linux' ? run.variant.kind : 'desktop',
    region: place.region ?? DEFAULT_REGION,
    partition: place.partition ?? 'aws',
    account: ACCOUNT,
    policies,
    calls: [...once.values()],
    withoutRole: calls.filter((call) => call.authorization === undefined).map((call) => `${call.service}:${call.operation}`),
  };
}
