import { spawnSync } from 'node:child_process';
import { Check, Misbehaviour } from '../../../check';
import { SECOND_INSTANCE, TWO_INSTANCES } from '../../../scenario';
import { BAKE_STATUSES, bakeUserData, BUILDER_ID } from '../../baking';
import type { WindowsLab } from '../../lab';
import { windowsScenario } from '../../scenario';

const SAYS = 'left by the builder';
const SEALS = 'C:\\lab\\seal-statuses';
const AMAZON = 'C:\\ProgramData\\Amazon';
const DCV = 'C:\\windows\\System32\\config\\systemprofile\\AppData\\Local\\NICE\\dcv';
const HISTORY = 'AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine\\ConsoleHost_history.txt';
const OPEN_LOG = `${AMAZON}\\SSM\\Logs\\amazon-ssm-agent.log`;

/** Files of a machine at work, all of which have to go. */
const TRACES = [
  `${DCV}\\dcv.pem`,
  `${DCV}\\dcv.key`,
  'C:\\ProgramData\\NICE\\dcv\\log\\server.log',
  'C:\\ProgramData\\ssh\\ssh_host_ed25519_key',
  'C:\\ProgramData\\ssh\\administrators_authorized_keys',
  'C:\\Users\\Builder\\.ssh\\authorized_keys',
  'C:\\lab\\lsa\\DefaultPassword',
  'C:\\lab\\lsa\\L$ClusterNodeOwnerPassword',
  `${AMAZON}\\EC2Launch\\state\\previous-state.json`,
  `${AMAZON}\\EC2Launch\\state\\.run-once`,
  `${AMAZON}\\EC2Launch\\log\\agent.log`,
  `${AMAZON}\\EC2-Windows\\Launch\\Log\\UserdataExecution.log`,
  `${AMAZON}\\SSM\\InstanceData\\Vault\\Store\\RegistrationKey`,
  `${AMAZON}\\SSM\\InstanceData\\registration`,
  `${AMAZON}\\SSM\\Logs\\errors.log`,
  `${AMAZON}\\AmazonCloudWatchAgent\\Logs\\state\\builder`,
  'C:\\Users\\Builder\\AppData\\Local\\Temp\\EC2Launch123\\Output.tmp',
  'C:\\Users\\Builder\\AppData\\Local\\Temp\\Amazon\\EC2-Windows\\Launch\\InvokeUserData\\UserScript.ps1',
  `C:\\Users\\Builder\\${HISTORY}`,
  `C:\\windows\\System32\\config\\systemprofile\\${HISTORY}`,
];

export default windowsScenario({
  summary: 'a sealed image has nothing of the machine that it was made of, and two machines of it have another owner password each',
  verdict: 'ready',
  withinSeconds: 240,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'the baker calls the runner in a script of its own' },
  play: async (lab) => {
    const { machine, services, notes } = lab;
    const { instance } = services.world;
    for (const file of [...TRACES, OPEN_LOG]) machine.write(file, SAYS);
    await services.change({ instance: { ...instance, id: BUILDER_ID, userData: Buffer.from(bakeUserData(lab, END)).toString('base64') } });
    await machine.run();
    notes.baked = (machine.read(BAKE_STATUSES) ?? '').trim();
    search(lab);
    machine.makeImage();
    for (const [name, id] of [
      ['first', instance.id],
      ['second', SECOND_INSTANCE],
    ]) {
      await services.change({ instance: { ...instance, id } });
      await machine.run();
      notes[name] = machine
        .list('C:\\lab\\state\\users')
        .map((user) => machine.read(`C:\\lab\\state\\users\\${user}`))
        .join('');
      if (id === instance.id) machine.startFromImage();
    }
  },
  expect: (seen, check) => {
    check.equal(seen.notes.baked, '0', 'exit codes of the runner');
    const configures = ['setup', 'setup_post_reboot', 'virtual_desktop', 'setup_user_customization', 'virtual_desktop.check'];
    // What the first machine did is noted on its disk, which is gone.
    check.equal(seen.order, ['virtual_desktop.install@1', ...configures.map((step) => `${step}@3`)].join(' '), 'steps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0', `SUCCESS ${SECOND_INSTANCE}`],
      'signals',
    );
    const fetched = seen.calls.filter(({ boot, service }) => boot > 1 && ['packages', 'downloads'].includes(service));
    check.equal(
      fetched.map(({ operation }) => operation),
      [],
      'downloads of the two machines',
    );
    check.matches(seen.notes.first, /"PasswordHash"/, 'the owner of the first machine');
    check.that(seen.notes.first !== seen.notes.second, 'both machines have the same password of their owner');
  },
});

/** The seal, twice, by another process, as an agent of the machine calls it, while that has its log open. */
const END = String.raw`[void](New-Item 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' -Force)
  Set-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' -Name DefaultPassword -Value '${SAYS}'
  $Open = [IO.File]::Open('${OPEN_LOG}', 'Open', 'Read', 'Read')
  Copy-Item "$Folder\bootstrap\seal.ps1" C:\lab\seal.ps1
  foreach ($Script in "$Folder\bootstrap\seal.ps1", 'C:\lab\seal.ps1') {
    & "$PSHOME\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File $Script
    [IO.File]::AppendAllText('${SEALS}', "$LASTEXITCODE ")
  }
  $Open.Dispose()`;

/** Whoever finds something in an image does not boot it. */
function search({ machine }: WindowsLab): void {
  const check = new Check();
  check.equal((machine.read(SEALS) ?? '').trim(), '0 0', 'seal, twice');
  check.equal(
    [...TRACES, 'C:\\ProgramData\\ClusterNode'].filter((file) => machine.has(file)),
    [],
    'what is still there',
  );
  check.equal(machine.list('C:\\ProgramData\\ClusterNodeImage'), ['manifest'], 'what stays');
  const { stdout } = spawnSync('grep', ['-rlaF', '--exclude-dir=lab', '-e', SAYS, '-e', BUILDER_ID, '.'], {
    cwd: machine.written,
    encoding: 'utf8',
  });
  // Nobody can delete it while it is open.
  const found = stdout.split('\n').filter((file) => file !== '' && !file.endsWith('/amazon-ssm-agent.log'));
  check.equal(found, [], 'files with something of the builder');
  const cleared = (machine.read('C:\\lab\\calls.log') ?? '').split('\n').filter((line) => line.includes('clear-log'));
  check.equal(cleared.length, 10, 'event logs that were cleared');
  if (check.failures.length > 0) throw new Misbehaviour(check.failures.join('\n'));
}
