import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Check } from './check';
import { Observation, PhaseRun } from './observation';
import { InvariantName, phasesOf, Scenario, stepsOf } from './scenario';
import { switchedOff } from './download-checks';
import { AWS_CLI_HOST, DCV_DOWNLOAD_HOST } from './image/package-repositories';
import { knownHostsOnly, metadataVersion2Only, noCallTwice, noRefusedCall, oneTrueVerdict, verdictInTime } from './shared-invariants';

/** Seconds from power-on to the verdict, where the scenario does not say otherwise. */
export const DEFAULT_LIMIT_SECONDS = 90;

/** Its own name, and what cloud-init asks for to learn whether this name server answers to everything. */
const OF_CLOUD_INIT = String.raw`ip-10-99-0-5|__cloud_init_expected_not_found__|does-not-exist\.example\.com|example\.invalid`;

const KNOWN_HOSTS = new RegExp(
  `^(${DCV_DOWNLOAD_HOST}|${AWS_CLI_HOST}|(_https?\\._tcp\\.)?(packages|proxy|nfs)\\.lab\\.test|${OF_CLOUD_INIT})$`,
);

/** What holds in every run, whatever the scenario. */
const INVARIANTS: Readonly<Record<InvariantName, (seen: Observation, scenario: Scenario, check: Check) => void>> = {
  'one true verdict': (seen, { verdict }, check) => oneTrueVerdict(seen, verdict, check),

  'ready only after every phase': (seen, _scenario, check) => {
    const done = new Set(seen.phases.filter((phase) => phase.exitCode === 0).map((phase) => phase.name));
    // Tried counts as said.
    const signal = seen.callsOf('cloudformation', 'SignalResource').find((call) => call.arguments.Status === 'SUCCESS');
    const tag = seen.callsOf('ec2', 'CreateTags').find((call) => Object.values(call.arguments).includes('ready'));
    const launch = seen.callsOf('autoscaling').find((call) => call.arguments.LifecycleActionResult === 'CONTINUE');
    if (signal === undefined && tag === undefined && launch === undefined && !(seen.result ?? '').startsWith('ready')) return;
    for (const phase of phasesOf(seen.variant)) check.that(done.has(phase), `the node said it is ready, and ${phase} has not ended well`);
    // What a phase says while the machine goes down is not its verdict.
    const failed = seen.steps.find(
      (phase) => phase.exitCode !== undefined && phase.exitCode !== 0 && seen.boots[phase.boot - 1].ended === 'settled',
    );
    check.that(failed === undefined, `the node said it is ready after ${failed?.name} had failed with ${failed?.exitCode}`);
    const last = seen.steps.at(-1);
    for (const call of [signal, tag, launch])
      if (call !== undefined && last !== undefined)
        check.that(
          call.time / 1000 >= last.start + last.seconds,
          `the node said with ${call.operation} that it is ready before the last phase had ended`,
        );
  },

  'phases in order': (seen, scenario, check) => {
    const wanted = stepsOf(seen.variant, scenario.installsHardware);
    let reached = 0;
    let before: PhaseRun | undefined;
    for (const phase of seen.steps) {
      // The power may go between the end of a phase and the note of it: then the phase runs again.
      const again =
        before?.exitCode === 0 &&
        phase.name === before.name &&
        seen.boots[before.boot - 1].ended === 'power cut' &&
        phase.boot > before.boot;
      if (again) reached -= 1;
      check.equal(phase.name, wanted[reached], 'the next phase');
      if (phase.exitCode === 0) reached += 1;
      else if (phase.exitCode !== undefined && seen.boots[phase.boot - 1].ended === 'settled') reached = wanted.length;
      before = phase;
    }
  },

  'no secret exposed': (seen, _scenario, check) => {
    const secrets = secretsOf(seen);
    for (const boot of seen.boots) {
      const trace = readFileSync(boot.traceFile, 'utf8');
      for (const [name, secret] of secrets)
        if (trace.includes(secret))
          check.that(false, `${name} was in an argument or the environment of a program: ${lineWith(trace, secret)}`);
    }
    for (const [name, secret] of secrets) check.that(!seen.console.includes(secret), `${name} is on the console`);
    for (const [file, mode, text] of writtenFiles(seen.machine.disk.written)) {
      for (const [name, secret] of secrets) {
        if (!text.includes(secret)) continue;
        check.that(!file.startsWith('/var/log/') && !file.startsWith('/var/lib/lab/exports/'), `${name} is in the log ${file}`);
        check.that((mode & 0o077) === 0, `${name} is in ${file}, which others may read (mode ${(mode & 0o777).toString(8)})`);
      }
    }
    // A boot after the verdict has no such folder.
    const [runFolder] = seen.live?.runFolder ?? [];
    if (runFolder !== undefined) check.matches(runFolder, /^drwx------ root /, 'mode and owner of /run/cluster-node');
  },

  'metadata version 2 only': (seen, _scenario, check) => metadataVersion2Only(seen, check),

  'one token a boot': (seen, _scenario, check) => {
    for (const boot of seen.boots) {
      const tokens = seen.callsOf('imds', 'token').filter((call) => call.boot === boot.number && call.status === 200);
      check.that(tokens.length <= 1, `boot ${boot.number} asked for ${tokens.length} metadata tokens`);
    }
  },

  'no call twice': (seen, _scenario, check) => noCallTwice(seen, check),

  'no refused call': (seen, _scenario, check) => noRefusedCall(seen, check),

  'known hosts only': (seen, _scenario, check) => knownHostsOnly(seen, KNOWN_HOSTS, check),

  'verdict in time': (seen, { verdict, withinSeconds }, check) =>
    verdictInTime(seen, verdict, withinSeconds ?? DEFAULT_LIMIT_SECONDS, check),

  'clean boot': (seen, { verdict }, check) => {
    const text = seen.console;
    check.that(!/ordering cycle/i.test(text), `systemd found an ordering cycle: ${lineWith(text, 'ordering cycle')}`);
    if (verdict !== 'ready' || seen.live === undefined) return;
    check.equal(seen.live.failedUnits, [], 'failed units');
  },

  'nothing left behind': (seen, { verdict }, check) => {
    if (verdict === 'silent' || seen.live === undefined) return;
    check.that(!seen.live.activeUnits.includes('cluster-node.service'), 'cluster-node.service is still active');
    const enabled = seen.machine.has('/etc/systemd/system/multi-user.target.wants/cluster-node.service');
    check.that(!enabled, 'cluster-node.service is still enabled after the verdict');
  },

  'nobody but root reaches the role': (seen, _scenario, check) => {
    if (seen.live === undefined) return;
    // Each user of the machine has tried, at the end.
    const allowed = seen.lines('/etc/passwd').flatMap((line) => /^(root|dcv):/.exec(line)?.[1] ?? []);
    for (const [address, users] of Object.entries(seen.live.reachMetadata)) check.equal(users, allowed, `users who reach ${address}`);
  },

  'checks of downloads stay on': (seen, _scenario, check) => {
    for (const boot of seen.boots)
      for (const process of seen.trace(boot).processes)
        for (const program of process.programs) {
          const off = switchedOff(program.arguments);
          check.that(off === undefined, `${program.arguments[0]} was called with ${off}`);
        }
  },
};

export function checkInvariants(seen: Observation, scenario: Scenario, check: Check): void {
  for (const [name, holds] of Object.entries(INVARIANTS) as [InvariantName, (typeof INVARIANTS)[InvariantName]][]) {
    if (scenario.exempt?.[name] !== undefined) continue;
    const own = new Check();
    holds(seen, scenario, own);
    check.failures.push(...own.failures.map((failure) => `[${name}] ${failure}`));
  }
}

function secretsOf(seen: Observation): [string, string][] {
  const { credentials, secrets } = seen.world;
  const found: [string, string][] = [
    ['the secret access key', credentials.secretAccessKey],
    ['the session token', credentials.sessionToken],
  ];
  const password = seen.lines('/var/lib/cluster-node/owner-password')[1];
  if (password !== undefined) found.push(["the owner's password", password]);
  for (const [name, secret] of Object.entries(seen.notes)) if (name.startsWith('secret ')) found.push([name, secret]);
  for (const secret of Object.values(secrets)) {
    // A line out of the middle of a key: whole keys change their line ends on the way.
    const [, , line] = secret.split('\\n');
    found.push(['a host key', line ?? secret]);
  }
  for (const call of seen.calls)
    if (call.service === 'imds' && call.operation === 'token' && call.arguments.token !== undefined)
      found.push(['a metadata token', call.arguments.token]);
    else if (call.service === 'imds' && call.answer !== undefined) found.push(['the signature of the identity document', call.answer]);
  return found;
}

/** Files that the machine wrote: path, strictest mode on the way to it, text. */
function* writtenFiles(folder: string, prefix = '', reach = 0o777): Generator<[string, number, string]> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const onHost = path.join(folder, entry.name);
    const inside = `${prefix}/${entry.name}`;
    const { mode, size } = lstatSync(onHost);
    if (entry.isDirectory()) yield* writtenFiles(onHost, inside, reach & passable(mode));
    else if (entry.isFile() && size < 16 * 1024 * 1024) yield [inside, mode & reach, readFileSync(onHost, 'latin1')];
  }
}

/** The classes of users that may pass through a folder, as if each could do all with what is below. */
function passable(mode: number): number {
  return [0o700, 0o070, 0o007].filter((mask) => (mode & mask & 0o111) !== 0).reduce((all, mask) => all | mask, 0);
}

function lineWith(text: string, part: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.toLowerCase().includes(part.toLowerCase()))
      ?.slice(0, 300) ?? ''
  );
}
