import { Check } from '../check';
import { knownHostsOnly, metadataVersion2Only, noCallTwice, noRefusedCall, oneTrueVerdict, verdictInTime } from '../shared-invariants';
import { DCV_HOST } from './image/downloads';
import { WindowsObservation, STATE_FOLDER } from './observation';
import { PHASES, stepsOf, type WindowsScenario } from './scenario';

/** Seconds from power-on to the verdict, where the scenario does not say otherwise. */
export const WINDOWS_LIMIT_SECONDS = 120;

/** The last is the machine's own name, which Windows programs look up. */
const KNOWN_HOSTS = new RegExp(`^(${DCV_HOST.replaceAll('.', '\\.')}|(proxy|packages)\\.lab\\.test|ec2amaz-lab0001(\\..*)?)$`, 'i');

export type WindowsInvariantName =
  | 'one true verdict'
  | 'ready only after every phase'
  | 'phases in order'
  | 'no step without a runner'
  | 'no secret exposed'
  | 'metadata version 2 only'
  | 'no call twice'
  | 'no refused call'
  | 'known hosts only'
  | 'verdict in time'
  | 'nothing left behind'
  | 'metadata guarded'
  | 'state closed to users'
  | 'ready means usable';

/** What holds in every run, whatever the scenario. */
const INVARIANTS: Readonly<Record<WindowsInvariantName, (seen: WindowsObservation, scenario: WindowsScenario, check: Check) => void>> = {
  'one true verdict': (seen, { verdict }, check) => oneTrueVerdict(seen, verdict, check),

  'ready only after every phase': (seen, _scenario, check) => {
    // Tried counts as said.
    const said = [
      ...seen.callsOf('cloudformation', 'SignalResource').filter((call) => call.arguments.Status === 'SUCCESS'),
      ...seen.callsOf('ec2', 'CreateTags').filter((call) => Object.values(call.arguments).includes('ready')),
    ];
    if (said.length === 0 && !(seen.result ?? '').startsWith('ready')) return;
    for (const phase of PHASES)
      check.that(
        seen.steps.some((step) => step.name === phase && step.isWell),
        `the node said it is ready, and ${phase} has not ended well`,
      );
    const last = Math.max(...seen.steps.map(({ process }) => process.end ?? process.start));
    for (const call of said)
      check.that(call.time >= last, `the node said with ${call.operation} that it is ready before the last step had ended`);
  },

  // One that somebody else has ended, or that left, runs again; so may one that ended while the machine went down.
  'phases in order': (seen, scenario, check) => {
    const steps = stepsOf(scenario);
    let reached = 0;
    for (const [index, step] of seen.steps.entries()) {
      const before = seen.steps[index - 1];
      const again = before?.isWell && before.name === step.name && step.boot > before.boot;
      if (again === true) reached -= 1;
      check.equal(step.name, steps[reached], 'the next step');
      if (step.isWell) reached += 1;
      else if (!step.process.left && step.process.exitCode !== undefined && seen.boots[step.boot - 1].ended === 'settled')
        reached = steps.length;
      if (before !== undefined && before.boot === step.boot)
        check.that(
          before.process.exitCode === undefined || (before.process.end ?? Infinity) <= step.process.start,
          `${step.name} started while ${before.name} was at work`,
        );
    }
  },

  'no step without a runner': (seen, _scenario, check) => {
    const isAtWork = (time: number): boolean => seen.runners.some(({ start, end }) => start <= time && (end ?? Infinity) >= time);
    check.equal(
      seen.steps.filter(({ process }) => !isAtWork(process.start)).map(({ name }) => name),
      [],
      'steps that no runner was at work for',
    );
  },

  'no secret exposed': (seen, _scenario, check) => {
    const secrets = secretsOf(seen);
    const texts = [...filesBelow(seen, `${STATE_FOLDER}`), ...seen.standIns.map((line) => ['a command line', line] as const)];
    for (const { commandLine } of seen.processes) texts.push(['a command line', commandLine]);
    texts.push(['the log of EC2Launch or Task Scheduler', seen.output]);
    for (const [name, secret] of secrets) for (const [where, text] of texts) check.that(!text.includes(secret), `${name} is in ${where}`);
  },

  'metadata version 2 only': (seen, _scenario, check) => metadataVersion2Only(seen, check),
  'no call twice': (seen, _scenario, check) => noCallTwice(seen, check),
  'no refused call': (seen, _scenario, check) => noRefusedCall(seen, check),
  'known hosts only': (seen, _scenario, check) => knownHostsOnly(seen, KNOWN_HOSTS, check),
  'verdict in time': (seen, { verdict, withinSeconds }, check) =>
    verdictInTime(seen, verdict, withinSeconds ?? WINDOWS_LIMIT_SECONDS, check),

  'nothing left behind': (seen, { verdict }, check) => {
    if (verdict === 'silent') return;
    check.equal(
      seen.tasks.map((task) => task.TaskName).filter((name) => name !== 'ClusterNodeMetadataGuard'),
      [],
      'tasks after the verdict',
    );
  },

  'metadata guarded': (seen, { verdict }, check) => {
    if (verdict !== 'ready') return;
    for (const name of ['ClusterNode-Metadata-Owners', 'ClusterNode-Metadata-Others']) {
      const rule = seen.firewall.find((each) => each.Name === name);
      check.equal(
        [rule?.Direction, rule?.Action, rule?.Enabled, rule?.RemoteAddress],
        ['Outbound', 'Block', 'True', ['169.254.169.254', 'fd00:ec2::254']],
        `firewall rule ${name}`,
      );
    }
    const guard = seen.tasks.find((task) => task.TaskName === 'ClusterNodeMetadataGuard');
    check.equal([guard?.Principal?.UserId, guard?.Triggers.some(({ AtStartup }) => AtStartup)], ['S-1-5-18', true], 'task of the guard');
    const owners = seen.groups.find((group) => group.Name === 'ClusterNodeOwners');
    check.equal(owners?.Members, [seen.users.find((user) => user.Name === 'ada')?.SID], 'members of the group of owners');
  },

  'state closed to users': (seen, { verdict }, check) => {
    if (verdict === 'silent' && seen.result === undefined) return;
    check.matches(seen.accessLists[STATE_FOLDER.toLowerCase()], /^O:(BA|SY).*D:P(\(A;OICI;FA;;;(SY|BA)\)){2}$/, 'access list of the state');
  },

  'ready means usable': (seen, { verdict }, check) => {
    if (verdict !== 'ready') return;
    check.equal(
      seen
        .callsTo('service')
        .filter((line) => line.startsWith('service dcvserver'))
        .at(-1),
      'service dcvserver started',
      'DCV server',
    );
    check.that(seen.callsTo('dcv.exe').length > 0, 'nobody has asked the DCV server for its session');
    const administrators = seen.groups.find((group) => group.SID === 'S-1-5-32-544')?.Members ?? [];
    const owner = seen.users.find((user) => user.Name === 'ada');
    check.that(owner !== undefined && !administrators.includes(owner.SID), 'the owner is an ordinary user');
    const users = seen.groups.find((group) => group.SID === 'S-1-5-32-545')?.Members ?? [];
    check.that(owner !== undefined && users.includes(owner.SID), 'the owner is a user');
    check.equal(
      seen.firewall.map((rule) => rule.Name).filter((name) => !name.startsWith('ClusterNode-')),
      [],
      'firewall rules that the package of DCV has left',
    );
    for (const protocol of ['TCP', 'UDP'])
      check.that(
        seen.firewall.some((rule) => rule.Protocol === protocol && rule.Action === 'Allow' && String(rule.LocalPort) === '8443'),
        `Windows Firewall lets ${protocol} through to port 8443`,
      );
  },
};

export function checkWindowsInvariants(seen: WindowsObservation, scenario: WindowsScenario, check: Check): void {
  for (const [name, holds] of Object.entries(INVARIANTS) as [WindowsInvariantName, (typeof INVARIANTS)[WindowsInvariantName]][]) {
    if (scenario.exempt?.[name] !== undefined) continue;
    const own = new Check();
    holds(seen, scenario, own);
    check.failures.push(...own.failures.map((failure) => `[${name}] ${failure}`));
  }
}

function secretsOf(seen: WindowsObservation): [string, string][] {
  const { credentials, secrets } = seen.world;
  const found: [string, string][] = [
    ['the secret access key', credentials.secretAccessKey],
    ['the session token', credentials.sessionToken],
    ...Object.values(secrets).map((secret): [string, string] => ['a secret', secret]),
  ];
  const kept = seen.machine.readBytes('C:\\lab\\lsa\\L$ClusterNodeOwnerPassword')?.toString('utf16le').split(' ')[1];
  if (kept !== undefined) found.push(["the owner's password", kept]);
  for (const call of seen.calls) {
    if (call.service === 'imds' && call.arguments.token !== undefined) found.push(['a metadata token', call.arguments.token]);
    if (call.service === 'imds' && call.answer !== undefined) found.push(['the signature of the identity document', call.answer]);
  }
  return found;
}

function filesBelow(seen: WindowsObservation, folder: string): (readonly [string, string])[] {
  return seen.machine.list(folder).flatMap((name) => {
    const file = `${folder}\\${name}`;
    if (seen.machine.isFolder(file)) return filesBelow(seen, file);
    return [[file, seen.machine.read(file) ?? ''] as const];
  });
}
