import { execFileSync, spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import type { Call, Effect, World } from '../../boot-lab/services/world';
import { powerShell, POWERSHELL_FOLDER } from '../../powershell';
import { describeWith } from '../namespaces';
import { authority, HOSTS, INSTANCE_ID, PLAIN_WORLD, REGION, Surroundings } from '../surroundings';
import { renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';

jest.setTimeout(180_000);

/** The functions of a script, and the tables that they keep something in, without what it does. */
const FUNCTIONS = `Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$NodeLogFile = ''
$StateFolder = $env:FOLDER
foreach ($script in $env:SCRIPTS -split ' ') {
  $ast = [Management.Automation.Language.Parser]::ParseFile("$env:FOLDER/$script", [ref]$null, [ref]$null)
  $kept = $ast.EndBlock.Statements.Where({ $_ -is [Management.Automation.Language.FunctionDefinitionAst] -or "$_" -cmatch '^\\$(AwsClock|InstanceMetadata) = ' })
  . ([scriptblock]::Create($kept.ForEach({ "$_" }) -join "\`n"))
}
function Write-NodeLog([string] $Message, [string] $Level) { [Console]::Out.WriteLine("$Level $Message") }
function Start-Sleep { }
`;

const CREATE_TAGS = `Invoke-AwsQuery -Service 'ec2' -Version '2016-11-15' -Action 'CreateTags' -Parameters @{ 'ResourceId.1' = '${INSTANCE_ID}'; 'Tag.1.Key' = 'k'; 'Tag.1.Value' = $Value } | Out-Null`;
const SIGNAL = `Send-Signal -Signal @{ StackName = 'desktop-1'; LogicalResourceId = 'Desktop'; Status = 'FAILURE'; UniqueId = "${INSTANCE_ID} it's (50 %) & more" }`;

/** A network with the services of the boot lab, in which PowerShell runs functions of the scripts. */
class Network {
  public static async start(): Promise<Network> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'aws-calls-'));
    const scripts = fs.mkdtempSync(path.join(os.tmpdir(), 'aws-scripts-'));
    const plain = renderWindows();
    fs.writeFileSync(path.join(scripts, 'object'), Buffer.from([0, 255, 10, 13, 10]));
    fs.writeFileSync(path.join(scripts, 'phase.ps1'), plain['setup_user_customization.ps1']);
    fs.writeFileSync(path.join(scripts, 'stacks.ps1'), renderWindows({ '/configuration/WaitForStacks': ['network'] })['setup.ps1']);
    fs.writeFileSync(path.join(scripts, 'runner.ps1'), plain['runner.ps1']);
    fs.writeFileSync(path.join(scripts, 'role.ps1'), renderWindows(WINDOWS_CONTEXTS['windows2022 that signs its signals'])['runner.ps1']);
    fs.writeFileSync(path.join(scripts, 'stage0.ps1'), plain['user_data.ps1']);
    fs.writeFileSync(path.join(scripts, 'stage0-role.ps1'), renderWindows({ '/bootstrap/SignalWith': 'role' })['user_data.ps1']);
    fs.writeFileSync(path.join(scripts, 'authority.pem'), authority());
    fs.writeFileSync(path.join(scripts, 'hosts'), HOSTS);
    const archive = execFileSync('tar', ['-c', '-C', scripts, 'hosts']);
    const surroundings = await Surroundings.start(folder, archive, {
      instance: { ...PLAIN_WORLD.instance, tags: { 'cluster-node:SignalStack': 'desktop-1', 'cluster-node:SignalResource': 'Desktop' } },
      objects: ['bundle', 'folder/a b+c~é(1).txt'].map((key) => ({ bucket: 'bucket', key, file: path.join(scripts, 'object') })),
    });
    return new Network(scripts, surroundings);
  }

  private constructor(
    public readonly folder: string,
    private readonly surroundings: Surroundings,
  ) {}

  /** What the commands print behind the functions of the scripts, and the calls of AWS that they made. */
  public async run(
    commands: string,
    { scripts = 'phase.ps1', ...world }: Partial<World> & { scripts?: string } = {},
  ): Promise<{ lines: string[]; calls: Call[] }> {
    const { services, pid } = this.surroundings;
    await services.change({
      ...{ faults: [], clockAheadSeconds: 0, secrets: {}, stacks: {}, policy: PLAIN_WORLD.policy },
      ...world,
    });
    const before = services.calls.length;
    const text = `${FUNCTIONS}try {\n${commands}\n} catch {\n  "error: $_"\n}\n`;
    fs.writeFileSync(path.join(this.folder, 'test.ps1'), text);
    const inside = `mount --bind ${this.folder}/hosts /etc/hosts && exec "$0" -NoProfile -NonInteractive -File ${this.folder}/test.ps1`;
    const child = spawn('nsenter', ['--net', '-t', pid, 'unshare', '--mount', 'sh', '-c', inside, powerShell()], {
      env: { ...process.env, SCRIPTS: scripts, FOLDER: this.folder, SSL_CERT_FILE: `${this.folder}/authority.pem`, NO_COLOR: '1' },
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    const calls = services.calls.slice(before).filter(({ service }) => service !== 'imds');
    return { lines: output.split('\n').filter((line) => line !== ''), calls };
  }

  public async stop(): Promise<void> {
    await this.surroundings.stop();
  }
}

// The services check each signature with the signer of the AWS SDK, and answer 403 when it differs.
const describeInNetwork = fs.existsSync(path.join(POWERSHELL_FOLDER, 'unpack'))
  ? describeWith(['unshare', 'nsenter', 'ip', 'openssl'])
  : describeWith([path.join(POWERSHELL_FOLDER, 'unpack')]);

describeInNetwork('calls of AWS, in PowerShell', () => {
  let network: Network;
  beforeAll(async () => (network = await Network.start()));
  afterAll(() => network.stop());

  test('an object of S3 is fetched into a file, byte for byte', async () => {
    const { lines, calls } = await network.run(
      `Save-S3Object -Bucket 'bucket' -Key "folder/a b+c~\u{e9}(1).txt" -Destination "$env:FOLDER/fetched"
      [BitConverter]::ToString([IO.File]::ReadAllBytes("$env:FOLDER/fetched"))
      Save-S3Object -Bucket 'bucket' -Key 'nothing' -Destination "$env:FOLDER/nothing"`,
    );
    expect(lines).toEqual([
      '00-FF-0A-0D-0A',
      `error: https://s3.${REGION}.amazonaws.com/bucket/nothing: HTTP 404 NoSuchKey The specified key does not exist. r`,
    ]);
    expect(calls.map(({ operation }) => operation)).toEqual(['GetObject', 'GetObject']);
  });

  test('a secret of whatever characters, of the Region in its ARN', async () => {
    const arn = `arn:aws:secretsmanager:${REGION}:111122223333:secret:b-x`;
    const secret = 'a"b\\c/d\u00e9\n\t\u{1f600}\\u0041{"SecretString":"x"}';
    const { lines, calls } = await network.run(`[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((Get-NodeSecret '${arn}')))`, {
      secrets: { [arn]: secret },
      faults: [{ on: 'secretsmanager:*', times: 2, effect: { kind: 'throttle' } }],
    });
    expect(Buffer.from(lines[lines.length - 1], 'base64').toString()).toBe(secret);
    expect(calls).toHaveLength(3);
    const elsewhere = await network.run(`Get-NodeSecret '${arn.replace(REGION, 'xx-1')}'`);
    expect(elsewhere.lines[elsewhere.lines.length - 1]).toMatch(/^error: https:\/\/secretsmanager\.xx-1\.amazonaws\.com\/: /);
  });

  test('tags, with any characters in their values', async () => {
    const value = "\u00fcn\u00efcode & = + % ~*!'()";
    const { lines, calls } = await network.run(`$Value = '${value.replace("'", "''")}'\n${CREATE_TAGS}`);
    expect(lines).toEqual([]);
    expect(calls).toMatchObject([{ operation: 'CreateTags', arguments: { 'Tag.1.Value': value } }]);
  });

  test.each<[string, Effect, number, boolean, number]>([
    ['faults', { kind: 'error', status: 500, code: 'InternalError' }, 3, true, 4],
    ['faults without end', { kind: 'error', status: 500, code: 'InternalError' }, Infinity, false, 9],
    ['throttling (400)', { kind: 'error', status: 400, code: 'Throttling', message: 'Rate exceeded' }, 3, true, 4],
    ['throttling (503)', { kind: 'throttle' }, 3, true, 4],
    ['a wrong request', { kind: 'error', status: 400, code: 'InvalidParameterValue' }, Infinity, false, 1],
    ['a refusal, which may pass', { kind: 'error', status: 403, code: 'UnauthorizedOperation' }, Infinity, false, 4],
    ['broken connections', { kind: 'disconnect' }, 2, true, 3],
    ['an answer cut short', { kind: 'truncate', share: 0.5 }, 2, true, 3],
  ])('%s', async (_name, effect, times, isGood, attempts) => {
    const { lines, calls } = await network.run(`$Value = 'v'\n${CREATE_TAGS}\n'good'`, {
      faults: [{ on: 'ec2:*', times: Number.isFinite(times) ? times : undefined, effect }],
    });
    expect({ calls: calls.length, last: lines[lines.length - 1] }).toEqual({
      calls: attempts,
      last: isGood ? 'good' : (expect.stringMatching(/^error: https:\/\/ec2\.\S+: HTTP [45]\d\d \w+/) as string),
    });
  });

  test('a clock that is off costs one request', async () => {
    const { lines, calls } = await network.run(`$Value = 'v'\n${CREATE_TAGS}\n${CREATE_TAGS}\n'good'`, { clockAheadSeconds: -7200 });
    expect(lines[lines.length - 1]).toBe('good');
    expect(calls.map(({ status }) => status)).toEqual([401, 200, 200]);
  });

  test('metadata: a refused token is replaced, a missing value is an error, a missing tag is none', async () => {
    const { lines } = await network.run(
      `Get-InstanceMetadata 'instance-id'
      $InstanceMetadata.Token = 'refused'
      Get-InstanceMetadata 'placement/region'
      $null -eq (Get-InstanceTag 'nothing')
      Get-InstanceMetadata 'nothing'`,
      { faults: [{ on: 'imds:*', times: 1, effect: { kind: 'error', status: 500, code: 'x' } }] },
    );
    expect(lines.filter((line) => !line.startsWith('warning'))).toEqual([
      INSTANCE_ID,
      REGION,
      'True',
      'error: http://169.254.169.254/latest/meta-data/nothing: HTTP 404 there is no such value',
    ]);
  });

  test('metadata is not asked of the proxy that the image has, and everything else is', async () => {
    const { lines } = await network.run(
      `[Net.WebRequest]::DefaultWebProxy = New-Object Net.WebProxy 'http://127.0.0.1:1'
      Get-InstanceMetadata 'instance-id'
      Send-WebRequest 'https://s3.${REGION}.amazonaws.com/'`,
    );
    expect(lines).toEqual([INSTANCE_ID, expect.stringMatching(/^error: https:\/\/s3\..*127\.0\.0\.1\]?:1$/)]);
  });

  test('TLS 1.2 comes to older protocols, none is taken away, and what Windows chooses stays', async () => {
    const { lines } = await network.run(
      `foreach ($Protocols in 'Tls', 'Tls, Tls13', 'SystemDefault') {
        [Net.ServicePointManager]::SecurityProtocol = $Protocols
        [void](Send-WebRequest 'http://169.254.169.254/latest/api/token' @{ 'x-aws-ec2-metadata-token-ttl-seconds' = '60' } 'PUT' '')
        "$([Net.ServicePointManager]::SecurityProtocol)"
      }`,
    );
    expect(lines).toEqual(['Tls, Tls12', 'Tls, Tls12, Tls13', 'SystemDefault']);
  });

  test('a node without a role says so at once', async () => {
    const { lines, calls } = await network.run(`$Value = 'v'\n${CREATE_TAGS}`, {
      faults: [{ on: 'imds:/latest/meta-data/iam/*', effect: { kind: 'error', status: 404, code: 'Not Found' } }],
    });
    expect(lines).toEqual(['error: http://169.254.169.254/latest/meta-data/iam/security-credentials/: HTTP 404 there is no such value']);
    expect(calls).toEqual([]);
  });

  test.each(['runner.ps1', 'role.ps1'])('%s: a signal that is taken, and one that nobody waits for', async (scripts) => {
    const taken = await network.run(SIGNAL, { scripts });
    expect(taken.lines).toEqual(['True']);
    expect(taken.calls).toMatchObject([
      { operation: 'SignalResource', status: 200, arguments: { UniqueId: `${INSTANCE_ID} it's (50 %) & more` } },
    ]);
    const refused = await network.run(SIGNAL, { scripts, stacks: { 'desktop-1': { statuses: ['CREATE_COMPLETE'] } } });
    expect(refused.lines).toEqual([expect.stringMatching(/^warning CloudFormation refused the signal: .*CREATE_COMPLETE/), 'False']);
    const throttled = await network.run(SIGNAL, {
      scripts,
      faults: [{ on: 'cloudformation:*', effect: { kind: 'throttle' } }],
    });
    expect(throttled.calls).toHaveLength(9);
    expect(throttled.lines[throttled.lines.length - 1]).toMatch(/^error: .*Throttling/);
  });

  test.each(['stage0.ps1', 'stage0-role.ps1'])('%s: fetches, tags and signals', async (scripts) => {
    const { lines, calls } = await network.run(
      `$Utf8 = [Text.Encoding]::UTF8
      $State = $env:FOLDER
      $Instance = @{ Id = '${INSTANCE_ID}'; ClockLag = [TimeSpan]0 }
      Send-AwsRequest 's3' '/bucket/bundle' ''
      Publish-Failure 'stage0: a (b) : / = @ , - "c"'
      Send-AwsRequest 's3' '/bucket/nothing' ''`,
      { scripts },
    );
    expect(lines).toEqual(['error: s3: (404) Not Found. NoSuchKey']);
    expect(calls).toMatchObject([
      { operation: 'GetObject', status: 200 },
      { operation: 'CreateTags', status: 200, arguments: { 'Tag.2.Value': 'stage0: a b : / = @ , - c ' } },
      { operation: 'SignalResource', status: 200, arguments: { UniqueId: `${INSTANCE_ID} stage0: a b : / = @ , - c ` } },
      { operation: 'GetObject', status: 404 },
    ]);
  });

  test('the state of a stack', async () => {
    const { lines } = await network.run(`Get-StackStatus 'network'\nGet-StackStatus 'network'\nGet-StackStatus 'nothing'`, {
      scripts: 'stacks.ps1',
      stacks: { network: { statuses: ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'], reason: 'no' } },
    });
    expect(lines).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'it does not exist']);
    const refused = await network.run(`Get-StackStatus 'network'`, { scripts: 'stacks.ps1', policy: [] });
    expect(refused.lines[refused.lines.length - 1]).toMatch(/^error: stack network: cannot be read: https:.*HTTP 403 Sender AccessDenied /);
  });
});
