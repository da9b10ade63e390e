import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import { DeployedTemplate, Template } from './app/intrinsics';
import { Check } from './check';
import { isSmoke, loadScenarios, oncePerScenario, runsOf, select } from './catalogue';
import { switchedOff } from './download-checks';
import { laneOf } from './half';
import { sourceLine } from './image/images';
import { ProcessTrace } from './machine/process-trace';
import { MUTANTS } from './mutants/mutants';
import { libraryTemplate, mutate } from './mutants/overlay';
import { judge } from './mutants/try';
import { inLanes, type Lane } from './schedule';
import { FaultPlan, matches } from './services/faults';
import { isAllowed } from './services/iam';
import { verifySignature } from './services/signature';
import { PolicyStatement } from './services/world';
import { LAB_CHANGES } from './windows/app/lab-changes';
import { windowsRuns } from './windows/catalogue';

const DEPLOYMENT = {
  stackName: 'lab-stack',
  region: 'eu-central-1',
  partition: 'aws',
  account: '111122223333',
  urlSuffix: 'amazonaws.com',
  parameters: { Name: "a'b" },
};

describe('intrinsic functions of a template', () => {
  const template: Template = {
    Parameters: { Name: { Type: 'String' }, Size: { Type: 'Number', Default: 3 }, Missing: { Type: 'String' } },
    Conditions: { HasName: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Name' }, ''] }] } },
    Resources: { Role: { Type: 'AWS::IAM::Role' }, Bucket: { Type: 'AWS::S3::Bucket' } },
  };
  const stack = new DeployedTemplate(template, DEPLOYMENT);

  test.each([
    [{ Ref: 'AWS::Region' }, 'eu-central-1'],
    [{ Ref: 'Name' }, "a'b"],
    [{ Ref: 'Size' }, 3],
    [{ Ref: 'Bucket' }, 'lab-stack-Bucket'],
    [{ 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::111122223333:role/lab-stack-Role'],
    [{ 'Fn::Join': ['-', ['x', { Ref: 'Size' }, { Ref: 'Name' }]] }, "x-3-a'b"],
    [{ 'Fn::Sub': '${AWS::AccountId}-${Name}-${!Name}' }, "111122223333-a'b-${Name}"],
    [{ 'Fn::Sub': ['${Own}-${Size}', { Own: { Ref: 'AWS::Partition' } }] }, 'aws-3'],
    [{ 'Fn::Base64': { 'Fn::Join': ['', ['é', '\n']] } }, Buffer.from('é\n').toString('base64')],
    [{ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    [{ 'Fn::If': ['HasName', 'yes', 'no'] }, 'yes'],
    [{ list: [1, { Ref: 'AWS::NoValue' }, 2], gone: { Ref: 'AWS::NoValue' } }, { list: [1, 2] }],
  ])('%j', (value, expected) => {
    expect(stack.resolve(value as never)).toEqual(expected);
  });

  test('what it does not know is an error', () => {
    expect(() => stack.resolve({ 'Fn::Cidr': ['10.0.0.0/8', 1] })).toThrow(/does not know the intrinsic function Fn::Cidr/);
    expect(() => stack.resolve({ Ref: 'Nothing' })).toThrow(/Ref to Nothing/);
    expect(() => stack.resolve({ Ref: 'Missing' })).toThrow(/no value for the parameter Missing/);
  });
});

describe('faults', () => {
  test('a fault hits as many calls as it says, after those that go well', () => {
    const plan = new FaultPlan([{ on: 's3:*', after: 1, times: 2, effect: { kind: 'throttle' } }]);
    expect([1, 2, 3, 4].map(() => plan.hit('s3:GetObject', 'bootstrap', {})?.kind)).toEqual([undefined, 'throttle', 'throttle', undefined]);
  });

  test('faults follow each other', () => {
    const plan = new FaultPlan([
      { on: 's3:GetObject', times: 1, effect: { kind: 'throttle' } },
      { on: 's3:GetObject', after: 1, times: 1, effect: { kind: 'disconnect' } },
    ]);
    expect([1, 2, 3].map(() => plan.hit('s3:GetObject', 'bootstrap', {})?.kind)).toEqual(['throttle', 'disconnect', undefined]);
  });

  test('a fault leaves other services, other callers and other arguments alone', () => {
    const plan = new FaultPlan([{ on: 's3:GetObject', where: { key: 'abc' }, effect: { kind: 'disconnect' } }]);
    expect(plan.hit('ec2:CreateTags', 'bootstrap', { key: 'abc' })).toBeUndefined();
    expect(plan.hit('s3:GetObject', 'cloud-init', { key: 'abc' })).toBeUndefined();
    expect(plan.hit('s3:GetObject', 'bootstrap', { key: 'x' })).toBeUndefined();
    expect(plan.hit('s3:GetObject', 'bootstrap', { key: 'xabcx' })).toEqual({ kind: 'disconnect' });
  });

  test('a star stands for any text, everything else for itself', () => {
    expect(matches('imds:/latest/*', 'imds:/latest/meta-data/x')).toBe(true);
    expect(matches('a.c', 'abc')).toBe(false);
  });
});

describe('policies', () => {
  const statement = (more: Partial<PolicyStatement>): PolicyStatement => ({
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::bucket/key',
    ...more,
  });
  const request = {
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    conditions: { 'aws:TagKeys': ['State'], 'aws:ResourceTag/Id': ['lab'] },
  };

  test.each<[string, Partial<PolicyStatement>, boolean]>([
    ['the same action and resource', {}, true],
    ['another resource', { Resource: 'arn:aws:s3:::bucket/other' }, false],
    ['another action', { Action: ['s3:PutObject', 's3:ListBucket'] }, false],
    ['a pattern', { Resource: ['arn:aws:s3:::bucket/*'] }, true],
    ['a pattern of single characters', { Resource: ['arn:aws:s3:::bucket/k??'] }, true],
    ['a pattern of fewer characters', { Resource: ['arn:aws:s3:::bucket/k?'] }, false],
    ['a condition that holds', { Condition: { StringEquals: { 'aws:ResourceTag/Id': 'lab' } } }, true],
    ['a condition that does not hold', { Condition: { StringEquals: { 'aws:ResourceTag/Id': 'other' } } }, false],
    ['a condition on a key that the call lacks', { Condition: { StringEquals: { 'aws:ResourceTag/Name': 'lab' } } }, false],
    ['all values among those allowed', { Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['State', 'Reason'] } } }, true],
    ['a value that is not allowed', { Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['Reason'] } } }, false],
  ])('%s', (_, more, allowed) => {
    expect(isAllowed([statement(more)], request)).toBe(allowed);
  });

  test('a denial wins, nothing is allowed by silence, and an unknown operator is an error', () => {
    expect(isAllowed([statement({}), statement({ Effect: 'Deny' })], request)).toBe(false);
    expect(isAllowed([], request)).toBe(false);
    expect(() =>
      isAllowed([statement({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })], {
        ...request,
        conditions: { 'aws:SourceIp': ['10.0.0.1'] },
      }),
    ).toThrow(/does not know the IAM condition operator IpAddress/);
  });
});

describe('signatures', () => {
  const credentials = { accessKeyId: 'ASIA0', secretAccessKey: 'secret', sessionToken: 'token' };
  const now = new Date('2026-01-02T03:04:05Z');
  const body = Buffer.from('Action=DescribeStacks');

  async function signed(secretAccessKey = 'secret', signingDate = now): Promise<Record<string, string>> {
    class Hash {
      private readonly hash;
      public constructor(secret?: Uint8Array | string) {
        this.hash =
          secret === undefined
            ? createHash('sha256')
            : jest.requireActual<typeof import('node:crypto')>('node:crypto').createHmac('sha256', secret);
      }
      public update(data: Uint8Array): void {
        this.hash.update(data);
      }
      public digest(): Promise<Uint8Array> {
        return Promise.resolve(new Uint8Array(this.hash.digest()));
      }
      public reset(): void {}
    }
    const signer = new SignatureV4({
      credentials: { ...credentials, secretAccessKey },
      region: 'eu-central-1',
      service: 'cloudformation',
      sha256: Hash as never,
    });
    const request = { method: 'POST', protocol: 'https:', hostname: 'host', path: '/', headers: { host: 'host' }, body };
    return (await signer.sign(request, { signingDate })).headers;
  }
  const verdict = async (headers: Record<string, string>, at = now, text = body): Promise<string> => {
    const result = await verifySignature({ method: 'POST', host: 'host', target: '/', headers, body: text }, credentials, at);
    return result.valid ? `${result.service} ${result.region}` : result.problem;
  };

  test('a signature of the same key is valid', async () => {
    expect(await verdict(await signed())).toBe('cloudformation eu-central-1');
  });

  test('everything else is told apart', async () => {
    const good = await signed();
    expect(await verdict({})).toBe('unsigned');
    expect(await verdict(await signed('other'))).toBe('wrong signature');
    expect(await verdict(good, now, Buffer.from('Action=Other'))).toBe('wrong signature');
    expect(await verdict(good, new Date(now.getTime() + 6 * 60_000))).toBe('skewed');
    expect(await verdict({ ...good, 'x-amz-meta': 'x' })).toBe('incomplete');
    expect(await verdict({ ...good, authorization: good.authorization.replace('ASIA0', 'ASIA1') })).toBe('unknown access key');
    expect(await verdict({ ...good, authorization: good.authorization.replace('x-amz-security-token', 'x-amz-other') })).toBe('incomplete');
  });
});

describe('traces of processes', () => {
  const trace = new ProcessTrace(
    [
      '8 99.000000 clone(child_stack=NULL, flags=CLONE_NEWNS|CLONE_NEWPID|SIGCHLD) = 10',
      '10 100.000000 execve("/bin/bash", ["bash", "/opt/x.sh", "a b", "q\\"\\n\\303\\251"], ["PATH=/bin"]) = 0',
      '10  100.100000 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 2',
      '11 100.150000 execve("/bin/ls", ["ls"...], [/* 2 vars */] <unfinished ...>',
      '10 100.160000 vfork( <unfinished ...>',
      '11 100.170000 <... execve resumed>) = 0',
      '12 100.175000 execve("/nowhere/cat", ["cat"], []) = -1 ENOENT (No such file or directory)',
      '12 100.176000 execve("/bin/cat", ["cat"], []) = 0',
      '10 100.180000 <... vfork resumed>) = 3',
      '12 100.190000 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 4',
      '13 100.195000 +++ exited with 0 +++',
      '11 100.200000 +++ exited with 2 +++',
      '12 100.300000 +++ killed by SIGKILL +++',
    ].join('\n'),
  );

  test('processes, parents, programs and ends', () => {
    expect(trace.processes.map(({ pid, parent, end, exitCode }) => [pid, parent, end, exitCode])).toEqual([
      [10, 8, undefined, undefined],
      [11, 10, 100.2, 2],
      [12, 10, 100.3, -1],
    ]);
    expect(trace.processes[0].programs[0].arguments).toEqual(['bash', '/opt/x.sh', 'a b', 'q"\né']);
    expect(trace.processes[2].programs.map((program) => program.arguments)).toEqual([['cat']]);
  });

  test('a thread that lives to the end is none of the processes after it', () => {
    const { processes } = new ProcessTrace(
      [
        '8 99.000000 clone(child_stack=NULL, flags=CLONE_NEWNS|CLONE_NEWPID|SIGCHLD) = 10',
        '10 100.100000 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 2',
        '11 100.200000 set_robust_list(0x7f0000000000, 24) = 0',
        '10 100.300000 vfork() = 3',
        '12 100.400000 execve("/bin/cat", ["cat"], []) = 0',
      ].join('\n'),
    );
    expect(processes.map(({ pid, parent }) => [pid, parent])).toEqual([
      [10, 8],
      [12, 10],
    ]);
  });

  test('descendants include the process itself', () => {
    expect(trace.descendants(trace.processes[0]).map((process) => process.pid)).toEqual([10, 11, 12]);
    expect(trace.descendants(trace.processes[1]).map((process) => process.pid)).toEqual([11]);
  });
});

describe('the catalogue', () => {
  const runs = [...runsOf(loadScenarios()), ...windowsRuns()];

  test('every scenario has a summary of one line and runs somewhere', () => {
    for (const { name, scenario } of runs) expect([name, scenario.summary]).toEqual([name, expect.stringMatching(/^[^\n]{10,160}$/)]);
    expect(new Set(runs.map((run) => run.name)).size).toBe(runs.length);
  });

  test('a scenario is of Windows when its name says so', () => {
    for (const { name, system } of runs) expect([name, name.startsWith('windows-')]).toEqual([name, system === 'windows']);
  });

  test('an unknown scenario is an error that lists the known ones', () => {
    expect(() => select(runs, ['plain-bot'])).toThrow(/no scenario plain-bot; there are: .*plain-boot/);
    expect(select(runs, ['plain-boot/rpm-login']).map((run) => run.name)).toEqual(['plain-boot/rpm-login']);
  });

  test('the gate boots every scenario and every kind of machine, and the smoke set on all of its machines', () => {
    const ofLinux = runsOf(loadScenarios());
    const ofGate = oncePerScenario(ofLinux, isSmoke);
    for (const key of ['scenarioName', 'variantName'] as const) {
      expect(new Set(ofGate.map((run) => run[key]))).toEqual(new Set(ofLinux.map((run) => run[key])));
    }
    expect(ofGate).toEqual(expect.arrayContaining(ofLinux.filter(isSmoke)));
    expect(ofGate.length).toBeLessThan(ofLinux.length);
    expect(new Set(ofGate.map((run) => run.name)).size).toBe(ofGate.length);
  });

  test('mutants have names of their own and name scenarios that exist', () => {
    expect(new Set(MUTANTS.map((mutant) => mutant.name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
    for (const mutant of MUTANTS) expect(select(runs, [mutant.caughtBy]).map((run) => run.name)).toEqual([mutant.caughtBy]);
  });
});

test.each(MUTANTS.flatMap((mutant) => mutant.changes.map((change) => ({ mutant, change }))))(
  'mutant $mutant.name fits the templates as they are',
  ({ mutant, change: { template, from, to } }) => {
    const text = readFileSync(libraryTemplate(template), 'utf8');
    expect(mutate(mutant.name, template, from, to, text)).not.toBe(text);
  },
);

test.each(LAB_CHANGES)('what the lab changes in $template is there once', ({ template, from, to }) => {
  const text = readFileSync(libraryTemplate(template), 'utf8');
  expect(mutate('the lab', template, from, to, text)).not.toBe(text);
});

test('machines run side by side, but those with a real desktop one after the other', async () => {
  const lanes: Lane[] = ['terminals', 'processors', 'terminals', 'processors', 'waiting', 'terminals', 'waiting', 'processors'];
  const running: Lane[] = [];
  const most = new Map<Lane, number>();
  const done = await inLanes(
    2,
    lanes,
    (lane) => lane,
    async (lane, index) => {
      running.push(lane);
      most.set(lane, Math.max(most.get(lane) ?? 0, running.filter((other) => other === lane).length));
      await setImmediate();
      running.splice(running.indexOf(lane), 1);
      return index;
    },
  );
  expect(done).toEqual([...lanes.keys()]);
  expect(Object.fromEntries(most)).toEqual({ terminals: 1, processors: 2, waiting: 2 });
  const real = runsOf(loadScenarios()).filter((run) => run.name.endsWith('/real-desktop'));
  expect(real.length).toBeGreaterThan(5);
  expect(new Set(real.map(laneOf))).toEqual(new Set(['terminals']));
});

test('a check keeps every failure', () => {
  const check = new Check();
  check.that(true, 'fine');
  check.equal([1], [1], 'same');
  check.equal(1, 2, 'number');
  check.matches(undefined, /x/, 'text');
  expect(check.failures).toEqual(['number: expected 2, got 1', 'text: expected /x/, got nothing']);
});

describe('the source of the image', () => {
  const ofTrixie = [
    'Types: deb deb-src',
    '# a remark',
    'URIs: http://mirror.test/debian',
    'Suites: trixie trixie-updates',
    'Components: main contrib',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp',
  ].join('\n');
  const security = 'Types: deb\nURIs: http://mirror.test/debian-security\nSuites: trixie-security\nComponents: main\n\n';

  test.each([
    ['no sources', [], undefined],
    [
      'the form of several lines',
      [security + ofTrixie],
      'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] http://mirror.test/debian bookworm main',
    ],
    ['switched off', [`Enabled: no\n${ofTrixie}`], undefined],
    [
      'the form of one line',
      [
        '# deb http://old.test/debian trixie main\ndeb http://security.test/debian trixie-security main\ndeb http://one.test/debian trixie main\n',
      ],
      'deb http://one.test/debian bookworm main',
    ],
    [
      'with options',
      ['deb [arch=amd64 signed-by=/k.gpg] http://one.test/debian stable main'],
      'deb [signed-by=/k.gpg] http://one.test/debian bookworm main',
    ],
    ['another distribution', ['deb http://mirror.test/ubuntu noble main'], undefined],
  ])('%s', (_, texts, line) => {
    expect(sourceLine(texts)).toBe(line);
  });
});

describe('checks of downloads', () => {
  test.each([
    ['curl', '-ksSm99', 'https://x'],
    ['/usr/bin/curl', '-sSk'],
    ['curl', '-s', '--insecure'],
    ['curl', '-o', 'file', '-k'],
    ['wget', '--no-check-certificate', 'https://x'],
    ['dnf', '--setopt=sslverify=0', 'install', 'x'],
    ['/usr/bin/python3', '/usr/bin/dnf', '--nogpgcheck', 'install'],
    ['yum', '--setopt=*.gpgcheck=false'],
    ['apt-get', '-o', 'APT::Get::AllowUnauthenticated=true'],
    ['apt-get', '--option', 'Acquire::https::Verify-Peer=false'],
    ['rpm', '-i', '--nosignature', 'x.rpm'],
    ['python3', '-c', 'ssl._create_unverified_context()'],
  ])('switched off: %s %s %s', (...args) => {
    expect(args).toContain(switchedOff(args));
  });

  test.each([
    ['curl', '-sSm99', '-okeys', '-H@-'],
    ['curl', '-d', '-k'],
    ['curl', '-wkk', '--', 'https://x/-k'],
    ['tar', '-xkf', 'x'],
    ['dnf', '--setopt=sslverify=1', 'install', 'x'],
    ['rpm', '--quiet', '--query', 'x'],
    ['bash', '-c', 'echo --insecure'],
  ])('left on: %s %s %s', (...args) => {
    expect(switchedOff(args)).toBeUndefined();
  });
});

describe('judgement of mutants', () => {
  const settling = MUTANTS.filter((mutant) => !mutant.neverSettles)[0];
  const mutant = { ...settling, failure: /^phases: got 1$/ };
  const waiting = { ...mutant, neverSettles: true };

  test.each([
    ['no failure', mutant, [], 'GOT AWAY'],
    ['the failure that it names', mutant, ['something', 'phases: got 1'], 'caught'],
    ['another failure', mutant, ['[verdict in time] expected a verdict'], 'UNCLEAR'],
    ['a failure of the lab', mutant, ['phases: got 1', '[lab] Error: spawn'], 'UNCLEAR'],
    ['a machine out of time', mutant, ['phases: got 1', '[verdict in time] a boot did not settle in time'], 'UNCLEAR'],
    ['a machine that waits, as the fault says', waiting, ['phases: got 1', '[verdict in time] a boot did not settle in time'], 'caught'],
    ['a machine that only waits', waiting, ['[verdict in time] a boot did not settle in time'], 'UNCLEAR'],
  ] as const)('%s', (_, one, failures, verdict) => {
    expect(judge(one, failures)).toBe(verdict);
  });
});
