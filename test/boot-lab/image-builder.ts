import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { ACCOUNT, type ImageBuild } from './app/synthesis';
import { isAllowed } from './services/iam';
import type { StoredObject } from './services/world';

/** What asks Image Builder for a restart, and for the same step again after it. */
const RESTART_STATUSES: Readonly<Record<string, number>> = { ExecuteBash: 194, ExecutePowerShell: 3010 };
const MOST_RESTARTS = 5;

type Phase = 'build' | 'validate' | 'test';

interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs: readonly { readonly source: string; readonly destination: string }[] | { readonly commands: readonly string[] };
}

interface ComponentDocument {
  readonly schemaVersion: number;
  readonly phases: readonly { readonly name: Phase; readonly steps: readonly Step[] }[];
}

/** Id of the instance that phases run on: what is tested is another one than what builds, and each time another. */
export function instanceIdFor(phases: readonly Phase[], builder: string, boots: number): string {
  return phases.includes('test') ? `i-0bbbbbbbbbbbbbb${String(boots).padStart(2, '0')}` : builder;
}

/** The instance that builds, or is tested. */
export interface BuilderInstance {
  /** Writes a file, with the machine off. */
  readonly put: (file: string, bytes: Buffer) => void;
  readonly start: () => Promise<void>;
  /** Runs the commands of a step, as root or SYSTEM, and returns their exit status. */
  readonly execute: (commands: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/**
 * Runs phases of a component document as Image Builder's program does: the steps in order, those of one phase until one fails;
 * objects of S3 as the role of the instance may. Returns how the steps ended, such as `Install 194`.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
 */
export async function runPhases(
  { document, policy }: ImageBuild,
  phases: readonly Phase[],
  objects: readonly StoredObject[],
  instance: BuilderInstance,
): Promise<string> {
  const { schemaVersion, phases: known } = load(document) as ComponentDocument;
  if (schemaVersion !== 1) throw new Error(`expected schema version 1.0, got ${schemaVersion}`);
  const steps = known.filter(({ name }) => phases.includes(name)).flatMap((phase) => phase.steps);
  const ended: string[] = [];
  let isOn = false;
  for (const step of steps) {
    if (Array.isArray(step.inputs)) {
      // The machine takes files while it is off.
      if (isOn) throw new Error(`expected downloads before the first command, got ${step.name} behind it`);
      for (const input of step.inputs as { source: string; destination: string }[])
        instance.put(input.destination, download(input.source, objects, policy));
      continue;
    }
    const { commands } = step.inputs as { commands: readonly string[] };
    for (let restarts = 0; restarts <= MOST_RESTARTS; restarts++) {
      if (!isOn) await instance.start();
      isOn = true;
      const status = await instance.execute(commands.join('\n'));
      ended.push(`${step.name} ${status}`);
      if (status !== RESTART_STATUSES[step.action]) break;
      await instance.stop();
      isOn = false;
    }
    if (!ended.at(-1)!.endsWith(' 0')) break;
  }
  if (isOn) await instance.stop();
  return ended.join(', ');
}

function download(source: string, objects: readonly StoredObject[], policy: ImageBuild['policy']): Buffer {
  const found = objects.find(({ bucket, key }) => source === `s3://${bucket}/${key}`);
  if (found === undefined) throw new Error(`there is no object ${source}`);
  const resource = `arn:aws:s3:::${found.bucket}/${found.key}`;
  const request = { action: 's3:GetObject', resource, conditions: { 'aws:ResourceAccount': [ACCOUNT] } };
  if (!isAllowed(policy, request)) throw new Error(`the role of the instance that builds may not read ${source}`);
  return readFileSync(found.file);
}
