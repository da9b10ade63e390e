import { isDeepStrictEqual } from 'node:util';
import { Check } from './check';
import { patience } from './patience';
import type { SeenCalls } from './seen-calls';
import { isOfAws, type World } from './services/world';

export const OUT_OF_TIME = 'a boot did not settle in time';

/** What is judged alike on every system. */
export interface Judged extends SeenCalls {
  readonly world: World;
  readonly notes: Readonly<Record<string, string>>;
  /** Text of the result that the node has on its disk. */
  readonly result: string | undefined;
  readonly lookedUp: readonly string[];
}

export type Verdict = 'ready' | 'failed' | 'silent';

export function oneTrueVerdict(seen: Judged, verdict: Verdict, check: Check): void {
  const wanted = verdict === 'ready' ? ['SUCCESS'] : verdict === 'failed' ? ['FAILURE'] : [];
  check.equal(
    withoutRepetitions(seen, seen.signals).map((signal) => signal.status),
    wanted,
    'signals',
  );
  const wantedStates = verdict === 'silent' ? [] : [verdict];
  check.equal(
    withoutRepetitions(seen, seen.tagsWritten).map(({ tags }) => tags['cluster-node:State']),
    wantedStates,
    'state tags',
  );
  if (seen.world.group !== undefined && verdict !== 'silent')
    check.equal(
      withoutRepetitions(seen, seen.launchesCompleted).map(({ result }) => result),
      [verdict === 'ready' ? 'CONTINUE' : 'ABANDON'],
      'results of the launch hook',
    );
  if (verdict !== 'silent') check.matches(seen.result, verdict === 'ready' ? /^ready\b/ : /^failed .+/, 'result file');
  if (verdict === 'failed') check.matches(seen.reason, /\S/, 'reason tag');
  // Stage 0 knows none.
  for (const { tags } of seen.tagsWritten) {
    const seconds = tags['cluster-node:PhaseSeconds'] ?? (verdict === 'ready' ? '' : 'total=0');
    check.matches(seconds, /^(?=.{1,256}$)[a-z_.]+=\d+( [a-z_.]+=\d+)*$/, 'seconds of the phases');
  }
  for (const signal of seen.signals) {
    const { tags } = seen.world.instance;
    check.equal(
      [signal.stack, signal.resource],
      [seen.notes.stack ?? tags['cluster-node:SignalStack'], tags['cluster-node:SignalResource']],
      'stack and resource that were signalled',
    );
    check.matches(
      signal.uniqueId,
      signal.status === 'SUCCESS' ? /^i-0123456789abcdef0$/ : /^i-0123456789abcdef0( .+)?$/,
      'unique id of the signal',
    );
  }
}

export function metadataVersion2Only(seen: Judged, check: Check): void {
  const without = seen.callsOf('imds').filter((call) => call.status === 401);
  check.equal(
    without.map((call) => call.operation),
    [],
    'metadata calls without a valid token',
  );
}

export function noCallTwice(seen: Judged, check: Check): void {
  const answered = new Set<string>();
  for (const call of seen.calls) {
    if (!isOfAws(call) || call.byFault) continue;
    const key = JSON.stringify([call.boot, call.service, call.operation, call.arguments]);
    check.that(
      !answered.has(key),
      `the same call twice in boot ${call.boot}: ${call.service}:${call.operation} ${JSON.stringify(call.arguments)}`,
    );
    // Asking again is the only way to learn that a stack in progress has moved on.
    const inProgress = call.answer?.endsWith('_IN_PROGRESS') === true && !call.answer.includes('COMPLETE');
    if (call.status < 400 && !inProgress) answered.add(key);
  }
}

export function noRefusedCall(seen: Judged, check: Check): void {
  const refused = seen.calls.filter((call) => isOfAws(call) && call.status >= 400 && !call.byFault);
  check.equal(
    refused.map((call) => `${call.service}:${call.operation} ${call.status} ${call.error ?? ''}`),
    [],
    'calls that AWS refused',
  );
}

/** `ofNodes` are those besides the hosts of AWS. */
export function knownHostsOnly(seen: Judged, ofNodes: RegExp, check: Check): void {
  check.equal(
    seen.callsOf('other').map((call) => call.operation),
    [],
    'requests to hosts that no node needs',
  );
  check.equal(
    seen.lookedUp.filter((name) => !isHostOfAws(name, seen.world) && !ofNodes.test(name)),
    [],
    'names that no node needs to look up',
  );
}

export function verdictInTime(seen: Judged, verdict: Verdict, withinSeconds: number, check: Check): void {
  if (verdict === 'silent') return;
  const spoken = seen.calls.filter((call) => call.operation === 'SignalResource' || call.operation === 'CreateTags').at(-1);
  const seconds = ((spoken?.time ?? Infinity) - seen.boots[0].start) / 1000;
  const limit = withinSeconds * patience();
  check.that(seconds <= limit, `expected a verdict within ${limit} s, it took ${seconds.toFixed(0)} s`);
  check.that(!seen.boots.some((boot) => boot.ended === 'out of time'), OUT_OF_TIME);
}

function isHostOfAws(name: string, world: World): boolean {
  const domain = world.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const ofAws = /^(?:[\w-]+\.)?(s3|ec2|cloudformation|secretsmanager|autoscaling|logs|efs)\.([\w-]+)\.(.*)$/.exec(name);
  return ofAws !== null && ofAws[2] === world.region && ofAws[3] === domain;
}

/** What a node said when its power went it cannot know to be said: it may say it again, in the same words. */
function withoutRepetitions<Words extends { readonly boot: number }>(seen: SeenCalls, said: readonly Words[]): readonly Words[] {
  const cut = new Set(seen.boots.filter(({ ended }) => ended === 'power cut').map(({ number }) => number));
  return said.filter(
    (words, index) =>
      !cut.has(words.boot) || !said.slice(index + 1).some((later) => isDeepStrictEqual({ ...later, boot: 0 }, { ...words, boot: 0 })),
  );
}
