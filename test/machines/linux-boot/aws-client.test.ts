import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import type { Effect, Fault, World } from '../../boot-lab/services/world';
import { ASSETS, BUCKET, describeOnMachine, instance, INSTANCE_ID, Machine, REGION, renderNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const CLIENT = fs.readFileSync(path.join(ASSETS, 'cluster_node_bootstrap/templates/linux/aws_client.py.j2'), 'utf8');
const SIGNER = /^readonly SIGN_REQUEST='([^']*)'$/m.exec(renderNode().userData)![1];

/** Interpreters of this machine, from the oldest that nodes have (Amazon Linux 2) on. The real file: a shim needs its own environment. */
const INTERPRETERS = ['python2.7', 'python3.6', 'python3'].flatMap((name) => {
  const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  if (status !== 0) {
    process.stderr.write(`not tested with ${name}: it is not on the PATH\n`);
  }
  return status === 0 ? [[name, stdout.trim()]] : [];
});

const CREATE_TAGS = ['ec2', 'Action=CreateTags', 'Version=2016-11-15', `ResourceId.1=${INSTANCE_ID}`, 'Tag.1.Key=k', 'Tag.1.Value=v'];
const NO_ROLE: Fault = {
  on: 'imds:/latest/meta-data/iam/security-credentials/*',
  effect: { kind: 'error', status: 404, code: 'Not Found' },
};

/** Calls the client once; what it said, and what came in. */
async function call(machine: Machine, interpreter: string, args: readonly string[], world: Partial<World> = {}, client = CLIENT) {
  const quoted = args.map((argument) => `'${argument.replaceAll("'", "'\\''")}'`).join(' ');
  await machine.change({ faults: [], clockAheadSeconds: 0, secrets: {}, ...world });
  machine.write('/root/client', client);
  machine.write(
    '/var/lib/cloud/instance/scripts/part-001',
    [
      '#!/bin/bash',
      'mkdir -p -m 700 /run/cluster-node',
      `export AWS_REGION=${REGION}`,
      `'${interpreter}' /root/client ${quoted} >/root/out 2>/root/err`,
      'echo "$?" >/root/status',
      'stat -c %a /run/cluster-node/token >/root/mode',
      '',
    ].join('\n'),
  );
  machine.forgetUserDataRan();
  const before = machine.called().length;
  await machine.boot();
  return {
    status: Number(machine.read('/root/status')),
    out: machine.read('/root/out'),
    error: machine.read('/root/err').trimEnd(),
    calls: machine
      .callsOf('*')
      .slice(before)
      .filter(({ service }) => service !== 'imds'),
    metadata: machine
      .callsOf('*')
      .slice(before)
      .filter(({ service }) => service === 'imds'),
  };
}

describeOnMachine('the AWS client', () => {
  // The server checks each signature with an implementation that is not ours, and answers 403 when it differs.
  describe.each(INTERPRETERS)('with %s', (_, interpreter) => {
    let machine: Machine;
    beforeAll(async () => {
      machine = await Machine.start(renderNode());
      await machine.putObject(BUCKET, 'folder/a b+c~é.txt', Buffer.from([0, 255, 10, 13, 10]));
    });

    test('signs S3, query and JSON requests with a session token', async () => {
      const object = await call(machine, interpreter, ['s3', 'assets-bucket/folder/a b+c~é.txt']);
      expect(object).toMatchObject({ status: 0, error: '', out: Buffer.from([0, 255, 10, 13, 10]).toString('utf8') });

      const value = 'ünïcode & = + % ~*';
      const tags = await call(machine, interpreter, [
        'ec2',
        'Action=CreateTags',
        'Version=2016-11-15',
        `ResourceId.1=${INSTANCE_ID}`,
        'Tag.1.Key=k \n',
        `Tag.1.Value=${value}`,
      ]);
      expect(tags).toMatchObject({ status: 0, error: '' });
      expect(tags.calls).toMatchObject([{ operation: 'CreateTags', arguments: { 'Tag.1.Key': 'k \n', 'Tag.1.Value': value } }]);

      const arn = `arn:aws:secretsmanager:${REGION}:111122223333:secret:ä-x`;
      const secret = await call(machine, interpreter, ['secretsmanager', 'Action=GetSecretValue', `SecretId=${arn}`], {
        secrets: { [arn]: 's3cret' },
        faults: [{ on: 'secretsmanager:*', times: 2, effect: { kind: 'throttle' } }],
      });
      expect(secret).toMatchObject({ status: 0, error: '', out: expect.stringContaining('"SecretString":"s3cret"') as string });
      expect(secret.calls).toHaveLength(3);
      expect(machine.read('/root/mode')).toBe('600\n');
    });

    test('does not follow a redirect, and says what an error is', async () => {
      expect(await call(machine, interpreter, ['s3', 'assets-bucket/nothing'])).toMatchObject({
        status: 148,
        out: '',
        error: expect.stringMatching(
          /^https:\/\/s3\.eu-central-1\.amazonaws\.com\/assets-bucket\/nothing: HTTP 404 NoSuchKey The specified key does not exist\. r$/,
        ) as string,
      });
      const moved = await call(machine, interpreter, ['s3', 'assets-bucket/x'], {
        faults: [{ on: 's3:GetObject', effect: { kind: 'error', status: 301, code: 'PermanentRedirect' } }],
      });
      expect(moved).toMatchObject({ status: 301 % 256, error: expect.stringContaining('HTTP 301 PermanentRedirect') as string });
    });

    test.each<[string, Effect, number, number, number]>([
      ['faults', { kind: 'error', status: 500, code: 'InternalError' }, 3, 0, 4],
      ['faults without end', { kind: 'error', status: 500, code: 'InternalError' }, Infinity, 500 % 256, 9],
      ['throttling (400)', { kind: 'error', status: 400, code: 'Throttling', message: 'Rate exceeded' }, 3, 0, 4],
      ['throttling (503)', { kind: 'throttle' }, 3, 0, 4],
      ['a wrong request', { kind: 'error', status: 400, code: 'InvalidParameterValue' }, Infinity, 144, 1],
      ['a refusal, which may pass', { kind: 'error', status: 403, code: 'UnauthorizedOperation' }, Infinity, 147, 4],
      ['broken connections', { kind: 'disconnect' }, 2, 0, 3],
      ['an answer cut short', { kind: 'truncate', share: 0.5 }, 2, 0, 3],
    ])('%s', async (_name, effect, times, status, attempts) => {
      const result = await call(machine, interpreter, CREATE_TAGS, {
        faults: [{ on: 'ec2:*', times: Number.isFinite(times) ? times : undefined, effect }],
      });
      expect({ status: result.status, attempts: result.calls.length, error: result.error }).toMatchObject({ status, attempts });
      expect(result.error === '').toBe(status === 0);
    });

    test('a silent or slow server only for so long', async () => {
      const impatient = CLIENT.replace('SOCKET_TIMEOUT_SECONDS = 20', 'SOCKET_TIMEOUT_SECONDS = 0.3').replace(
        'DEADLINE_SECONDS = 300',
        'DEADLINE_SECONDS = 2',
      );
      const hanging = await call(
        machine,
        interpreter,
        CREATE_TAGS,
        { faults: [{ on: 'ec2:*', times: 1, effect: { kind: 'hold' } }] },
        impatient,
      );
      expect(hanging).toMatchObject({ status: 0 });
      const slow = await call(
        machine,
        interpreter,
        CREATE_TAGS,
        { faults: [{ on: 'ec2:*', effect: { kind: 'drip', everySeconds: 0.2 } }] },
        impatient,
      );
      expect(slow).toMatchObject({
        status: 1,
        error: 'no answer within 2 s (a subnet without internet needs an endpoint of this service, or the cluster a proxy)',
      });
    });

    test.each([
      [-2, 401],
      [5, 400],
    ])('a clock that is %d hours off', async (hours, refusal) => {
      const result = await call(machine, interpreter, CREATE_TAGS, { clockAheadSeconds: hours * 3600 });
      expect({ status: result.status, statuses: result.calls.map(({ status }) => status) }).toEqual({
        status: 0,
        statuses: [refusal, 200],
      });
    });

    test('an instance without a role, and instance metadata without an item', async () => {
      expect(await call(machine, interpreter, ['s3', 'b/k'], { faults: [NO_ROLE] })).toMatchObject({
        status: 1,
        error: expect.stringContaining('the instance has no role') as string,
      });
      expect(await call(machine, interpreter, ['imds', 'meta-data/tags/instance/none'])).toMatchObject({ status: 148, out: '' });
      const owner = 'a "b" $(c) é';
      const tag = await call(machine, interpreter, ['imds', 'meta-data/tags/instance/cluster-node:Owner'], {
        instance: instance({ 'cluster-node:Owner': owner }),
      });
      expect(tag).toMatchObject({ status: 0, out: owner, error: '' });
      expect(tag.metadata).toHaveLength(2);
    });

    test('boots a node', async () => {
      const edit = (_file: string, text: string): string => text.replaceAll('type -P python3', `type -P ${interpreter}`);
      const secretArn = `arn:aws:secretsmanager:${REGION}:111122223333:secret:x`;
      const secret = 'line\n"quoted" \\ é \n\n';
      const node = await Machine.start(
        renderNode({
          edit,
          phases: [
            {
              name: 'setup',
              body: `  # The region of a secret is in its ARN.\n  AWS_REGION=us-east-1 get_secret ${secretArn} >/root/secret\n  type -P python3 >/root/python; echo "$PYTHON_INTERPRETER" >>/root/python`,
            },
          ],
        }),
        { secrets: { [secretArn]: secret } },
      );
      const [boot] = await node.run();
      expect({ status: boot.status, logs: node.logs() }).toMatchObject({ status: 0 });
      expect(node.signals()).toEqual([`SUCCESS ${INSTANCE_ID}`]);
      expect(node.read('/root/secret')).toBe(secret);
      expect(node.logs()).not.toContain('quoted');
    });
  });
});

/*
 * Amazon Linux 2 has Python 2.7, which few machines still have. What 2.7 and 3.6 both understand is checked on the syntax
 * tree: no f-strings, annotations, assignment expressions, nonlocal, async, keyword-only arguments, "raise from",
 * "yield from", starred assignments or calls with several stars, no underscores in numbers, no bare print, super() or
 * metaclass, and no module that one of them lacks.
 */
const SYNTAX_CHECK = `
import ast, io, re, sys, tokenize
source = sys.stdin.read()
problems = []
modules = {"__future__", "base64", "calendar", "hashlib", "hmac", "json", "os", "random", "re", "signal", "sys", "time", "urllib", "urllib.parse", "urllib.request", "urllib2"}
for node in ast.walk(ast.parse(source)):
    name = type(node).__name__
    bad = name in ("JoinedStr", "AnnAssign", "NamedExpr", "Nonlocal", "AsyncFunctionDef", "AsyncFor", "AsyncWith", "Await", "YieldFrom", "Starred", "MatMult", "Match", "TryStar")
    bad = bad or (name == "Raise" and node.cause is not None)
    bad = bad or (name == "arguments" and (node.kwonlyargs or getattr(node, "posonlyargs", []) or any(a.annotation for a in node.args)))
    bad = bad or (name == "FunctionDef" and node.returns is not None)
    bad = bad or (name == "ClassDef" and node.keywords)
    bad = bad or (name == "Call" and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args)
    bad = bad or (name == "BinOp" and isinstance(node.op, ast.Mod) and isinstance(getattr(node.left, "value", getattr(node.left, "s", None)), bytes))
    if name == "Import":
        bad = any(alias.name not in modules for alias in node.names)
    if name == "ImportFrom":
        bad = node.level > 0 or node.module not in modules
    if name == "Call" and isinstance(node.func, ast.Name) and node.func.id == "print":
        bad = any(keyword.arg not in ("file",) for keyword in node.keywords) or ("print_function" not in source and len(node.args) != 1)
    if bad:
        problems.append("%s in line %s" % (name, getattr(node, "lineno", "?")))
for token in tokenize.generate_tokens(io.StringIO(source).readline):
    if token.type == tokenize.NUMBER and "_" in token.string or token.type == tokenize.STRING and re.match("(?i)(f|rb|fr|rf)[\\"']", token.string):
        problems.append("%s in line %d" % (token.string, token.start[0]))
print("\\n".join(problems), end="")
`;

const withPython = spawnSync('python3', ['--version']).status === 0 || process.env.CI === 'true' ? test : test.skip;

describe('Python 2.7 and 3.6', () => {
  const problems = (source: string): string => execFileSync('python3', ['-c', SYNTAX_CHECK], { input: source, encoding: 'utf8' });

  withPython.each([
    ['the client', CLIENT],
    ['the signer of stage 0', SIGNER],
  ])('%s keeps to what both understand', (_, source) => {
    expect(problems(source)).toBe('');
    expect(source).toMatch(/^[\x00-\x7f]*$/);
  });

  withPython.each([
    'f"{x}"',
    'x: int = 1',
    'def f(*, a): pass',
    'raise A from b',
    'x = 1_000',
    'import pathlib',
    'print(1, 2)',
    'a, *b = c',
    'class A(metaclass=B): pass',
    'super().x()',
    'b"%s" % x',
  ])('the check knows %s', (source) => {
    expect(problems(`${source}\n`)).not.toBe('');
  });
});
