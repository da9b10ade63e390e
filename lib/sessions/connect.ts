import { isTransient } from '../aws/call-errors';
import type { Clock } from '../aws/clock';
import { CONNECT_STEPS, type ConnectAction, connectDocumentName } from '../values/connect-documents';
import { DCV_PORT } from '../values/dcv-port';
import type { DesktopConnection } from './desktop-connection';
import type { DesktopSession } from './desktop-session';
import { lines, type OwnerAnswer, PasswordRequest } from './password-request';
import { ENDED, RunCommandApi, type StepResult } from './run-command';
import { SessionError } from './session-error';

const FIRST_DELAY = 500;
const LONGEST_DELAY = 4_000;
// Longer than SSM waits for the node, and the node for the step, together.
const PATIENCE = 150_000;
// An agent is known to SSM some time after it has started.
const REGISTRATION = 60_000;

/**
 * Asks the desktop of a session for the password of its owner.
 *
 * @throws when the session is not ready, or the desktop cannot be asked, refuses, or gives no answer that can be used
 * @internal
 */
export async function connectTo(
  session: DesktopSession,
  action: ConnectAction,
  commands: RunCommandApi,
  clock: Clock,
): Promise<DesktopConnection> {
  const { sessionId, instanceId, privateIp, privateDnsName } = session;
  // It has an address when it is ready.
  if (instanceId === undefined || privateIp === undefined) {
    throw new SessionError(
      'SessionNotReady',
      `the session ${sessionId} is not ready: it is ${session.state} (${session.stackStatus})`,
      'wait for it (session wait), or look why (session show)',
    );
  }
  const question = await PasswordRequest.make();
  const document = connectDocumentName(session.clusterId, action);
  const commandId = await send(commands, instanceId, document, question.publicKey, clock);
  const answer = await answerOf(commands, commandId, instanceId, question, clock);
  if (answer.owner !== session.owner) {
    throw new SessionError(
      'InvalidAnswer',
      `the desktop ${instanceId} says that it is ${answer.owner}'s, and the session is ${session.owner}'s`,
      'somebody may have changed the tags of the instance or of the stack',
    );
  }
  return {
    sessionId,
    owner: answer.owner,
    password: answer.password,
    privateIp,
    ...(privateDnsName === undefined ? {} : { privateDnsName }),
    url: `https://${privateIp}:${DCV_PORT}`,
    certificateFingerprint: answer.fingerprint,
  };
}

async function send(
  commands: RunCommandApi,
  instanceId: string,
  document: string,
  publicKey: string,
  clock: Clock,
  deadline = clock.now() + REGISTRATION,
): Promise<string> {
  try {
    return await commands.send(instanceId, document, { PublicKey: [publicKey] });
  } catch (error) {
    switch ((error as Error).name) {
      case 'InvalidInstanceId':
        if (clock.now() < deadline) {
          await clock.sleep(LONGEST_DELAY);
          return send(commands, instanceId, document, publicKey, clock, deadline);
        }
        throw new SessionError(
          'DesktopUnreachable',
          `Systems Manager has no connection to the instance ${instanceId}`,
          'look whether its SSM agent runs, its role may use it, and it reaches the endpoints ssm and ssmmessages; one that has just started may need another minute',
          { cause: error },
        );
      case 'InvalidDocument':
      case 'InvalidDocumentVersion':
        throw new SessionError(
          'NoConnectDocument',
          `there is no SSM document ${document}`,
          'deploy the app that has the Cluster with a desktop whose password is generated, or with addConnectDocuments()',
          { cause: error },
        );
      default:
        throw error;
    }
  }
}

async function answerOf(
  commands: RunCommandApi,
  commandId: string,
  instanceId: string,
  question: PasswordRequest,
  clock: Clock,
): Promise<OwnerAnswer> {
  const deadline = clock.now() + PATIENCE;
  for (let delay = FIRST_DELAY; clock.now() < deadline; delay = Math.min(delay * 1.5, LONGEST_DELAY)) {
    await clock.sleep(delay);
    const results = await resultsOf(commands, commandId, instanceId);
    for (const result of results.filter(({ status }) => status === 'Success')) {
      const answer = question.answerIn(result.output);
      if (answer !== undefined) return answer;
    }
    const failed = results.find(({ status }) => ENDED.includes(status) && status !== 'Success');
    if (failed !== undefined) throw refused(instanceId, failed);
    if (results.length === STEPS.length && results.every(({ status }) => status === 'Success')) {
      throw new SessionError('InvalidAnswer', `the desktop ${instanceId} has run the command and printed no answer`);
    }
  }
  throw new SessionError(
    'WaitTimeout',
    `the desktop ${instanceId} gave no answer in ${PATIENCE / 1000} seconds`,
    'look whether it runs, and its SSM agent',
  );
}

const STEPS = Object.values(CONNECT_STEPS);

/** The results that there are. Of a document with several steps SSM tells them by name alone. */
async function resultsOf(commands: RunCommandApi, commandId: string, instanceId: string): Promise<StepResult[]> {
  const results = await Promise.all(
    STEPS.map((step) =>
      commands.result(commandId, instanceId, step).catch((error: unknown) => {
        if (isTransient(error)) return undefined;
        throw error;
      }),
    ),
  );
  return results.filter((result) => result !== undefined);
}

/** The node says why in one line; the SSM agent adds one of its own. */
function refused(instanceId: string, { status, details, errors }: StepResult): SessionError {
  const why = lines(errors).findLast((line) => !/^failed to run commands: exit status \d+$/.test(line));
  return new SessionError(
    'ConnectRefused',
    `the desktop ${instanceId} did not give a password: ${why ?? `the command ended with ${details || status}`}`,
  );
}
