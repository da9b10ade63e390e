import type { Check } from './check';
import type { OwnTime } from './own-time';
import type { SeenCalls } from './seen-calls';
import { isOfAws } from './services/world';

/** The most that a baked boot may take of a machine of the kind that they are meant for. */
export interface Limits {
  /** Of our own time. */
  readonly seconds: number;
  readonly processes: number;
  /** Of its own time to that of the unbaked boot. Packages of the lab are small, and so is what an image saves. */
  readonly ratio?: number;
}

/** What a node of an image takes of its own time. `unbaked` is the same node of the image's base, in the same run. */
export function checkOwnTime(check: Check, unbaked: OwnTime, baked: OwnTime, limits: Limits): void {
  const seconds = baked.seconds / Math.max(baked.slowness, 1);
  const shown = `${baked.seconds.toFixed(1)} s on a machine that was ${baked.slowness.toFixed(1)} times slower`;
  check.that(seconds <= limits.seconds, `own time of a baked boot: expected at most ${limits.seconds} s, got ${shown}`);
  const ratio = seconds / (unbaked.seconds / Math.max(unbaked.slowness, 1));
  const { ratio: largest = Infinity } = limits;
  check.that(ratio <= largest, `own time of a baked boot by that of an unbaked one: expected at most ${largest}, got ${ratio.toFixed(2)}`);
  // These do not depend on the machine.
  check.equal(baked.sleeps, [], 'sleeps of a baked boot that are no named wait');
  for (const [most, of] of [
    [limits.processes, 'may be'],
    [unbaked.processes, 'an unbaked one has'],
  ] as const)
    check.that(baked.processes <= most, `processes of a baked boot: expected at most the ${most} that ${of}, got ${baked.processes}`);
}

/** A node of an image fetches the bundle and nothing else, and asks AWS for no more than one that installs. */
export function checkRequests(seen: SeenCalls, check: Check, unbaked: number, baked: number): void {
  const of = (boot: number): string[] =>
    seen.calls
      .filter((call) => call.boot === boot && call.caller === 'bootstrap' && (isOfAws(call) || call.service === 'imds'))
      .map(({ service, operation }) => (service === 'imds' ? service : `${service}:${operation}`));
  const fetched = seen.calls.filter(({ boot, service }) => boot === baked && ['packages', 'downloads'].includes(service));
  check.equal(
    fetched.map(({ service, operation }) => `${service} ${operation}`),
    [],
    'packages and downloads of a baked boot',
  );
  check.equal(
    of(baked).filter((name) => name.startsWith('s3:')),
    ['s3:GetObject'],
    'what a baked boot asks of S3',
  );
  for (const name of new Set(of(baked))) {
    const [most, got] = [unbaked, baked].map((boot) => of(boot).filter((other) => other === name).length);
    check.that(got <= most, `requests of a baked boot, ${name}: expected at most the ${most} of an unbaked one, got ${got}`);
  }
}
