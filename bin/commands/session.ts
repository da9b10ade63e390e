import type { Duration } from 'aws-cdk-lib';
import { Command, Option } from 'commander';
import type { NodeOsFamily } from '../../lib/nodes/node-os-props';
import type { DesktopConnection } from '../../lib/sessions/desktop-connection';
import { type DesktopSession, DesktopSessionState, FailedDesktop } from '../../lib/sessions/desktop-session';
import { DesktopSessions } from '../../lib/sessions/desktop-sessions';
import { READINESS_TIMEOUT, WAIT_TIMEOUT } from '../../lib/sessions/durations';
import { columns, labelled } from './columns';
import { type CommandEnvironment, configured, durationOf, json, minutes, PROCESS, reporting } from './command-environment';
import { EXIT_TABLE } from './exit-status';

const READINESS_MINUTES = READINESS_TIMEOUT.defaultSeconds / 60;
const WAIT_MINUTES = WAIT_TIMEOUT.defaultSeconds / 60;

interface ClusterOptions {
  readonly clusterId: string;
  readonly region?: string;
  readonly stackNamePrefix?: string;
  readonly json?: boolean;
}

interface RequestOptions extends ClusterOptions {
  readonly launchTemplateId: string;
  readonly launchTemplateVersion: string;
  readonly subnetId: string;
  readonly instanceType?: string;
  readonly owner: string;
  readonly osFamily?: NodeOsFamily;
  readonly name?: string;
  readonly project?: string;
  readonly timeoutMinutes?: number;
  readonly onFailure?: FailedDesktop;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
}

interface ListOptions extends ClusterOptions {
  readonly owner?: string;
  readonly project?: string;
  readonly state?: DesktopSessionState[];
}

interface WaitOptions extends ClusterOptions {
  readonly timeoutMinutes?: number;
}

interface ConnectOptions extends ClusterOptions {
  readonly reset?: boolean;
}

interface DeleteOptions extends WaitOptions {
  readonly wait?: boolean;
}

/** `cluster-nodes session`: the desktop sessions of a cluster, from the command line. */
export function sessionCommand(environment: CommandEnvironment = PROCESS): Command {
  const session = configured(new Command('session'), environment)
    .description('request, list, show, wait for, connect to and delete desktop sessions')
    .addHelpText(
      'after',
      `
Every session is one CloudFormation stack. AWS credentials are taken from the environment, as by the AWS CLI.
${EXIT_TABLE}`,
    );

  const subcommand = (name: string, description: string, examples: string): Command => {
    const command = configured(new Command(name), environment)
      .description(description)
      .requiredOption('--cluster-id <id>', 'identifier of the cluster')
      .option('--region <region>', 'AWS Region (default: as for the AWS CLI)')
      .option('--stack-name-prefix <prefix>', 'what the stack names begin with (default: <cluster id>-desktop-)')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExamples:\n${examples}`);
    session.addCommand(command);
    return command;
  };

  const sessions = ({ clusterId, region, stackNamePrefix }: ClusterOptions): DesktopSessions => {
    const made = new DesktopSessions({ clusterId, region, stackNamePrefix });
    made._clock = environment.clock;
    return made;
  };

  const action = reporting(environment);

  const print = (found: DesktopSession, options: ClusterOptions): void => environment.out(options.json ? json(found) : details(found));

  const tell = (found: DesktopSession): void => environment.err(`session ${found.sessionId}: ${found.state}\n`);

  subcommand(
    'request',
    'request a desktop',
    `  $ cluster-nodes session request --cluster-id demo --launch-template-id lt-0123456789abcdef0 \\
      --launch-template-version 3 --subnet-id subnet-0123456789abcdef0 --owner alice --name "CAD" --wait
  $ cluster-nodes session request --cluster-id demo --launch-template-id lt-0123456789abcdef0 \\
      --launch-template-version 3 --subnet-id subnet-0123456789abcdef0 --owner alice --idempotency-key 5d2a9a61-3c1e-4c8e-9f0b-2f4f6f1f7a10`,
  )
    .requiredOption('--launch-template-id <id>', 'launch template of the desktop')
    .requiredOption('--launch-template-version <number>', 'version number of the launch template')
    .requiredOption('--subnet-id <id>', 'subnet to launch into')
    .option('--instance-type <type>', "EC2 instance type (default: the launch template's)")
    .requiredOption('--owner <user>', 'login name of the user')
    .addOption(new Option('--os-family <family>', 'system of the desktop, for its own rule for names').choices(['linux', 'windows']))
    .option('--name <name>', 'name of the session')
    .option('--project <project>', 'project the desktop is booked on')
    .option('--timeout-minutes <minutes>', `minutes the node may take to become ready (default: ${READINESS_MINUTES})`, minutes)
    .addOption(
      new Option('--on-failure <what>', 'what becomes of the instance of a desktop that fails (default: terminate)').choices(
        Object.values(FailedDesktop),
      ),
    )
    .option('--idempotency-key <key>', 'the same owner and key never make a second desktop; a random UUID')
    .option('--wait', 'wait until the desktop is ready')
    .action(
      action(async (options: RequestOptions) => {
        const desktops = sessions(options);
        const requested = await desktops.request({
          launchTemplateId: options.launchTemplateId,
          launchTemplateVersion: options.launchTemplateVersion,
          subnetId: options.subnetId,
          instanceType: options.instanceType,
          owner: options.owner,
          osFamily: options.osFamily,
          sessionName: options.name,
          project: options.project,
          readinessTimeout: options.timeoutMinutes === undefined ? undefined : durationOf(options.timeoutMinutes),
          onFailure: options.onFailure,
          idempotencyKey: options.idempotencyKey,
        });
        if (!options.wait) return print(requested, options);
        // Said before the waiting begins: whoever interrupts it needs the id.
        tell(requested);
        // As long as the node has, and what a wait has on top of that by default.
        const timeout = durationOf((options.timeoutMinutes ?? READINESS_MINUTES) + (WAIT_MINUTES - READINESS_MINUTES));
        print(await desktops._wait(requested.sessionId, { timeout }, tell, requested), options);
      }),
    );

  subcommand(
    'list',
    'list the sessions that are not deleted',
    `  $ cluster-nodes session list --cluster-id demo
  $ cluster-nodes session list --cluster-id demo --owner alice --state ready provisioning --json`,
  )
    .option('--owner <user>', 'only sessions of this owner')
    .option('--project <project>', 'only sessions of this project')
    .addOption(new Option('--state <states...>', 'only sessions in these states').choices(Object.values(DesktopSessionState)))
    .action(
      action(async (options: ListOptions) => {
        const found = await sessions(options).list({ owner: options.owner, project: options.project, states: options.state });
        environment.out(options.json ? json(found) : table(found));
      }),
    );

  subcommand('show', 'show one session', `  $ cluster-nodes session show k3v9w0q2m1xz --cluster-id demo`)
    .argument('<session-id>', 'identifier of the session')
    .action(
      action(async (sessionId: string, options: ClusterOptions) => {
        print(await sessions(options).get(sessionId), options);
      }),
    );

  subcommand(
    'connect',
    'ask the desktop of a session for the password of its owner',
    `  $ cluster-nodes session connect k3v9w0q2m1xz --cluster-id demo`,
  )
    .argument('<session-id>', 'identifier of the session')
    .option('--reset', 'give the owner a new password first: what the old one protects is lost')
    .action(
      action(async (sessionId: string, options: ConnectOptions) => {
        const connection = await sessions(options).connect(sessionId, { reset: options.reset });
        environment.out(options.json ? json(connection) : login(connection));
      }),
    );

  subcommand('wait', 'wait until a session is ready', `  $ cluster-nodes session wait k3v9w0q2m1xz --cluster-id demo --timeout-minutes 30`)
    .argument('<session-id>', 'identifier of the session')
    .option('--timeout-minutes <minutes>', `minutes to wait at most (default: ${WAIT_MINUTES})`, minutes)
    .action(
      action(async (sessionId: string, options: WaitOptions) => {
        print(await sessions(options)._wait(sessionId, waitTimeout(options), tell), options);
      }),
    );

  subcommand(
    'delete',
    'delete a session, its instance and its stack',
    `  $ cluster-nodes session delete k3v9w0q2m1xz --cluster-id demo --wait`,
  )
    .argument('<session-id>', 'identifier of the session')
    .option('--wait', 'wait until the session is deleted')
    .option('--timeout-minutes <minutes>', `minutes to wait at most (default: ${WAIT_MINUTES})`, minutes)
    .action(
      action(async (sessionId: string, options: DeleteOptions) => {
        const desktops = sessions(options);
        const deleting = await desktops.delete(sessionId);
        if (!options.wait) return print(deleting, options);
        const until = { ...waitTimeout(options), until: DesktopSessionState.DELETED };
        print(await desktops._wait(sessionId, until, tell, deleting), options);
      }),
    );

  return session;
}

function waitTimeout({ timeoutMinutes }: WaitOptions): { timeout?: Duration } {
  return timeoutMinutes === undefined ? {} : { timeout: durationOf(timeoutMinutes) };
}

function details(session: DesktopSession): string {
  return labelled([
    ['Session', session.sessionId],
    ['State', session.state],
    ['Reason', session.reason],
    ['Seconds', secondsOf(session)],
    ['Owner', session.owner],
    ['Name', session.sessionName],
    ['Project', session.project],
    ['Cluster', session.clusterId],
    ['Instance', session.instanceId],
    ['Address', session.privateIp],
    ['Host', session.privateDnsName],
    ['Requested', session.requestedAt],
    ['Stack', session.stackName],
    ['Stack status', session.stackStatus],
  ]);
}

function secondsOf({ phaseSeconds }: DesktopSession): string | undefined {
  return (
    phaseSeconds &&
    Object.entries(phaseSeconds)
      .map(([step, seconds]) => `${step} ${seconds}`)
      .join(', ')
  );
}

function login(connection: DesktopConnection): string {
  return labelled([
    ['Address', connection.privateIp],
    ['Host', connection.privateDnsName],
    ['URL', connection.url],
    ['Owner', connection.owner],
    ['Password', connection.password],
    ['Certificate', `SHA-256 ${connection.certificateFingerprint}`],
  ]);
}

function table(sessions: readonly DesktopSession[]): string {
  if (sessions.length === 0) return 'no sessions\n';
  return columns([
    ['SESSION', 'STATE', 'OWNER', 'NAME', 'PROJECT', 'INSTANCE', 'ADDRESS', 'REQUESTED', 'REASON'],
    ...sessions.map((session) => [
      session.sessionId,
      session.state,
      session.owner,
      session.sessionName ?? '-',
      session.project ?? '-',
      session.instanceId ?? '-',
      session.privateIp ?? '-',
      session.requestedAt.replace(/\.\d+Z$/, 'Z'),
      session.reason ?? '',
    ]),
  ]);
}
