import { spawnSync } from 'node:child_process';
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { DesktopSessions } from '../../../lib/sessions';
import { PasswordRequest } from '../../../lib/sessions/password-request';
import { PUBLIC_KEY_PATTERN } from '../../../lib/values/connect-documents';
import { FakeClock } from './fake-clock';
import { awsError, doesNotExist, INSTANCE_ID, OUTPUTS, stack, STACK_NAME } from './stack-events';

type Input = { readonly [name: string]: unknown };
interface Step {
  readonly Status: string;
  readonly StatusDetails?: string;
  readonly StandardOutputContent?: string;
  readonly StandardErrorContent?: string;
}

const mockCalls: { readonly call: string; readonly region: unknown; readonly input: Input }[] = [];
let mockAnswers: { send: (input: Input) => unknown; result: (input: Input) => unknown };

jest.mock(
  '@aws-sdk/client-ssm',
  () => ({
    SSMClient: class {
      public constructor(private readonly options: { readonly region: string }) {}
      public async send({ call, input }: { call: 'send' | 'result'; input: Input }): Promise<unknown> {
        await Promise.resolve();
        mockCalls.push({ call, region: this.options.region, input });
        return mockAnswers[call](input);
      }
    },
    SendCommandCommand: class {
      public readonly call = 'send';
      public constructor(public readonly input: Input) {}
    },
    GetCommandInvocationCommand: class {
      public readonly call = 'result';
      public constructor(public readonly input: Input) {}
    },
  }),
  { virtual: true },
);

const ID = 'k3v9w0q2m1xz';
const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');
const SKIPPED: Step = { Status: 'Success', StandardOutputContent: 'Step execution skipped due to unsupported platform' };
const cloudFormation = mockClient(CloudFormationClient);
let clock: FakeClock;
let sessions: DesktopSessions;

const keyOf = (input: Input): string => (input.Parameters as { PublicKey: [string] }).PublicKey[0];
const sentKey = (): string => keyOf(mockCalls.find(({ call }) => call === 'send')!.input);
const ssmError = (name: string, message = ''): Error => Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

function encrypted(password: string, key = sentKey()): string {
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return publicEncrypt({ key: publicKey, ...padding }, Buffer.from(password)).toString('base64');
}

function answer(fields: { readonly [name: string]: unknown } = {}): string {
  return JSON.stringify({ owner: 'alice', password: encrypted('p4ss'), fingerprint: FINGERPRINT, ...fields });
}

/** A desktop of which one step does its work and the other is skipped. */
function desktop(step: (look: number) => Step | Error, own = 'connectLinux'): void {
  let looks = 0;
  mockAnswers.result = ({ PluginName }) => {
    const found = PluginName === own ? step(++looks) : SKIPPED;
    if (found instanceof Error) throw found;
    return found;
  };
}

const succeeding = (output: () => string) => () => ({ Status: 'Success', StandardOutputContent: output() });
const failing =
  (lines: string, details = 'Failed') =>
  () => ({ Status: 'Failed', StatusDetails: details, StandardErrorContent: lines });

// A key takes the better part of a second.
let question: PasswordRequest;
let made: jest.SpyInstance;
beforeAll(async () => {
  question = await PasswordRequest.make();
});

beforeEach(() => {
  made = jest.spyOn(PasswordRequest, 'make').mockResolvedValue(question);
  cloudFormation.reset();
  cloudFormation.onAnyCommand().rejects(new Error('this call was not expected'));
  cloudFormation.on(DescribeStacksCommand, { StackName: STACK_NAME }).resolves({ Stacks: [stack('CREATE_COMPLETE')] });
  mockCalls.length = 0;
  mockAnswers = { send: () => ({ Command: { CommandId: 'c-1' } }), result: () => SKIPPED };
  clock = new FakeClock();
  sessions = new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' });
  sessions._clock = clock;
});

describe('connect', () => {
  test.each(['connectLinux', 'connectWindows'])('gives what the owner needs to log in, of %s', async (step) => {
    desktop(
      succeeding(() => `a line of another\r\n${answer()}\r\n`),
      step,
    );
    expect(await sessions.connect(ID)).toEqual({
      sessionId: ID,
      owner: 'alice',
      password: 'p4ss',
      privateIp: '10.0.1.23',
      privateDnsName: 'ip-10-0-1-23.eu-west-1.compute.internal',
      url: 'https://10.0.1.23:8443',
      certificateFingerprint: FINGERPRINT,
    });
  });

  test('sends the document one public key and nothing else, a new one each time', async () => {
    made.mockRestore();
    desktop(succeeding(() => answer()));
    await sessions.connect(ID);
    const first = mockCalls[0];
    expect(first).toEqual({
      call: 'send',
      region: 'eu-west-1',
      input: {
        DocumentName: 'demo-desktop-connect',
        DocumentVersion: '$LATEST',
        InstanceIds: [INSTANCE_ID],
        Parameters: { PublicKey: [expect.stringMatching(new RegExp(PUBLIC_KEY_PATTERN))] },
        TimeoutSeconds: 60,
      },
    });
    mockCalls.length = 0;
    await sessions.connect(ID);
    expect(sentKey()).not.toBe(keyOf(first.input));
    expect(sentKey()).toHaveLength(564);
  });

  test('resets by another document', async () => {
    desktop(succeeding(() => answer()));
    await sessions.connect(ID, { reset: true });
    expect(mockCalls[0].input.DocumentName).toBe('demo-desktop-reset-password');
  });

  test('waits for SSM to know of the command, for its steps, and over what passes', async () => {
    const before = [
      ssmError('InvocationDoesNotExist'),
      ssmError('InvalidPluginName'),
      ssmError('ThrottlingException', 'Rate exceeded'),
      { Status: 'Pending' },
      { Status: 'InProgress', StandardOutputContent: '{"owner":' },
    ];
    desktop((look) => before[look - 1] ?? { Status: 'Success', StandardOutputContent: answer() });
    expect((await sessions.connect(ID)).password).toBe('p4ss');
    expect(clock.sleeps).toHaveLength(6);
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(4000);
  });

  test('tells the last words of the desktop', async () => {
    desktop(failing('curl: (7) retry\nthis node is not ready: its bootstrap has not ended\nfailed to run commands: exit status 1\n'));
    await expect(sessions.connect(ID)).rejects.toMatchObject({
      code: 'ConnectRefused',
      message: `the desktop ${INSTANCE_ID} did not give a password: this node is not ready: its bootstrap has not ended`,
    });
  });

  test('tells how a command ended that says nothing', async () => {
    desktop(() => ({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' }));
    await expect(sessions.connect(ID)).rejects.toThrow(/did not give a password: the command ended with ExecutionTimedOut$/);
  });

  test('gives up when there is no answer', async () => {
    desktop(() => ({ Status: 'Pending' }));
    await expect(sessions.connect(ID)).rejects.toMatchObject({
      code: 'WaitTimeout',
      message: expect.stringContaining('no answer in 150 s') as string,
    });
  });

  test.each<[string, () => string, RegExp]>([
    ['no JSON', () => '{"owner":"alice"', /the line is no JSON object/],
    ['no object', () => '{}', /its owner is not of the form/],
    ['another type', () => answer({ password: 5 }), /its password is not of the form/],
    ['a short password', () => answer({ password: 'AAAA' }), /its password is not of the form/],
    ['a password that nobody encrypted', () => answer({ password: 'A'.repeat(512) }), /not encrypted to the key of this question/],
    ['a password with another text encoding', () => answer({ password: encryptedBytes(Buffer.from([0xff, 0xfe])) }), /not encrypted/],
    ['a password that drives a terminal', () => answer({ password: encrypted('a\u001b[2J') }), /control characters/],
    ['an empty password', () => answer({ password: encrypted('') }), /is empty/],
    ['an owner that drives a terminal', () => answer({ owner: 'a\u001b[2J' }), /its owner is not of the form/],
    ['a fingerprint of SHA-1', () => answer({ fingerprint: FINGERPRINT.slice(0, 59) }), /its fingerprint is not of the form/],
    ['the owner of another desktop', () => answer({ owner: 'bob' }), /says that it is bob's, and the session is alice's/],
    ['nothing', () => '', /printed no answer/],
  ])('refuses an answer with %s', async (_, output, message) => {
    desktop(succeeding(output));
    const error = (await sessions.connect(ID).catch((thrown: unknown) => thrown)) as Error & { code: string };
    expect(error.code).toBe('InvalidAnswer');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('p4ss');
  });

  test.each<[string, string, RegExp]>([
    [
      'InvalidInstanceId',
      'DesktopUnreachable',
      /no connection to the instance i-0123456789abcdef0; .*SSM agent.*endpoints ssm and ssmmessages/,
    ],
    ['InvalidDocument', 'NoConnectDocument', /no SSM document demo-desktop-connect; .*addConnectDocuments\(\)/],
  ])('says what %s means', async (name, code, message) => {
    mockAnswers.send = () => {
      throw ssmError(name);
    };
    await expect(sessions.connect(ID)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  test('waits a minute for an agent that SSM does not know yet', async () => {
    let asked = 0;
    desktop(succeeding(() => answer()));
    mockAnswers.send = () => {
      if (++asked < 5) throw ssmError('InvalidInstanceId');
      return { Command: { CommandId: 'c-1' } };
    };
    expect((await sessions.connect(ID)).password).toBe('p4ss');
    expect(asked).toBe(5);
    mockAnswers.send = () => {
      throw ssmError('InvalidInstanceId');
    };
    const start = clock.now();
    await expect(sessions.connect(ID)).rejects.toMatchObject({ code: 'DesktopUnreachable' });
    expect(clock.now() - start).toBe(60_000);
  });

  test.each(['AccessDeniedException', 'ThrottlingException'])('passes on what AWS says: %s', async (name) => {
    mockAnswers.send = () => {
      throw ssmError(name, 'no');
    };
    await expect(sessions.connect(ID)).rejects.toMatchObject({ name });
    desktop(() => ssmError('AccessDeniedException', 'no'));
    mockAnswers.send = () => ({ Command: { CommandId: 'c-1' } });
    await expect(sessions.connect(ID)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each(['CREATE_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'] as const)(
    'asks no desktop of a stack that is %s, and reads no events',
    async (status) => {
      cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stack(status, { Outputs: OUTPUTS })] });
      await expect(sessions.connect(ID)).rejects.toMatchObject({
        code: 'SessionNotReady',
        message: expect.stringMatching(new RegExp(`^the session ${ID} is not ready: it is \\w+ \\(${status}\\)`)) as string,
      });
      expect(mockCalls).toEqual([]);
    },
  );

  test('asks for no deleted stack', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(doesNotExist(STACK_NAME));
    await expect(sessions.connect(ID)).rejects.toMatchObject({ code: 'SessionNotFound' });
  });

  test('is told that the stack may not be read', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(awsError('AccessDenied', 'not authorized'));
    await expect(sessions.connect(ID)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

function encryptedBytes(bytes: Buffer): string {
  const publicKey = createPublicKey({ key: Buffer.from(sentKey(), 'base64'), format: 'der', type: 'spki' });
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, bytes).toString('base64');
}

describe('the key', () => {
  test('has the modulus where Windows looks for it', () => {
    const { publicKey } = question;
    const { n, e } = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }).export({ format: 'jwk' });
    expect(e).toBe('AQAB');
    expect(Buffer.from(publicKey.slice(44, 556), 'base64').equals(Buffer.from(n!, 'base64url'))).toBe(true);
  });

  const openssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip;
  openssl('reads what openssl has encrypted on a node', () => {
    const options = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'].flatMap((option) => ['-pkeyopt', option]);
    const script =
      'printf %s "$2" | openssl pkeyutl -encrypt -pubin -keyform DER -inkey <(printf %s "$1" | base64 -d) "${@:3}" | base64 -w0';
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', question.publicKey, 'pässword', ...options], { encoding: 'utf8' });
    expect(question.answerIn(JSON.stringify({ owner: 'alice', password: stdout, fingerprint: FINGERPRINT }))).toEqual({
      owner: 'alice',
      password: 'pässword',
      fingerprint: FINGERPRINT,
    });
  });
});
