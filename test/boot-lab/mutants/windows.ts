import { Mutant, mutant, withoutEnd } from './mutant';

const STAGE_ZERO = 'user_data/windows/user_data.ps.j2';
const RUNNER = 'templates/windows/runner.ps.j2';

function windows(file: string): string {
  return `templates/windows/${file}.ps.j2`;
}

/** The lab's name of a scenario on Windows Server 2022. */
function by(scenario: string): string {
  return `windows-${scenario}/windows2022`;
}

/** Faults in the scripts of Windows. */
export const WINDOWS_MUTANTS: readonly Mutant[] = [
  withoutEnd(
    mutant(
      'windows-bundle-unchecked',
      STAGE_ZERO,
      '    if ($Sha256 -ne $Expected) {',
      '    if ($false) {',
      by('bundle-altered'),
      /starts of the runner: expected 0/,
    ),
  ),
  mutant(
    'windows-state-of-another-instance',
    STAGE_ZERO,
    `    Invoke-WithRetry { Get-ChildItem "$State\\*" -Exclude 'stage0.lock', 'logs' | Remove-Item -Recurse -Force }\n`,
    '',
    by('image-of-a-node'),
    /^steps: expected/,
  ),
  mutant(
    'windows-folder-unchecked',
    windows('admin_folder'),
    "if ($Sddl -cnotmatch '^O:(BA|SY).*D:P') {",
    'if ($false) {',
    by('folder-of-somebody-else'),
    /starts of the runner: expected 0|signals that all is well/,
  ),
  mutant(
    'windows-exit-code-as-proof',
    windows('runner/phases'),
    "if ($Outcome -ceq 'done') {",
    'if ($ExitCode -eq 0) {',
    by('steps-ended-0'),
    /\[phases in order\] the next step: expected "setup", got "setup_post_reboot"/,
  ),
  mutant(
    'windows-seconds-of-the-last-step-alone',
    windows('runner/phase_seconds'),
    "$(Read-StateFile -Name 'step-seconds')$Name",
    '$Name',
    by('plain'),
    /^steps whose seconds are told: /,
  ),
  mutant(
    'windows-last-program-as-proof',
    windows('step'),
    '  if ($?) {',
    '  if ($LASTEXITCODE -eq 0) {',
    by('last-program-3'),
    /signals: expected \["SUCCESS"\], got \["FAILURE"\]/,
  ),
  withoutEnd(
    mutant(
      'windows-steps-without-bound',
      windows('runner/phases'),
      '  $Most = 3\n',
      '  $Most = 300\n',
      by('environment-exit'),
      /expected some attempts, got \d\d/,
    ),
  ),
  withoutEnd(
    mutant(
      'windows-starts-without-bound',
      RUNNER,
      '  Add-Start\n',
      '',
      by('runner-ended-each-time'),
      /signals: expected \["FAILURE"\], got \[\]/,
    ),
  ),
  mutant('windows-orphan-left', RUNNER, '  Stop-StepProcess\n', '', by('runner-ended-0'), /^attempts that the orphan has cost/),
  withoutEnd(
    mutant(
      'windows-no-task-every-minute',
      windows('start'),
      ' -EveryMinute',
      '',
      by('runner-ended-0'),
      /signals: expected \["SUCCESS"\], got \[\]/,
    ),
  ),
  mutant(
    'windows-restart-asked-for-once',
    windows('runner/restart'),
    "    Invoke-NativeCommand -FilePath (Join-Path $env:SystemRoot 'System32\\shutdown.exe') -ArgumentList @('/r', '/f', '/t', '0') | Out-Null\n",
    '',
    by('restart-comes-late'),
    /the restart is asked for again/,
  ),
  mutant(
    'windows-restart-not-waited-for',
    windows('runner/restart'),
    '  throw "a restart was asked for twice, and the node was still up $(2 * $Seconds) seconds later: $Reason"\n',
    '',
    by('restart-never-comes'),
    /signals: expected \["FAILURE"\]/,
  ),
  mutant(
    'windows-restart-of-others-not-waited-for',
    windows('runner'),
    '  Wait-ForeignRestart\n',
    '',
    by('restart-on-its-way'),
    /^steps: expected/,
  ),
  mutant(
    'windows-repeat-forgotten',
    windows('runner/phases'),
    "  if ($Then -ne 'repeat') {",
    '  if ($true) {',
    by('three-restarts'),
    /^steps: expected/,
  ),
  mutant(
    'windows-state-files-tried-once',
    windows('state_files'),
    '$Attempt -ge 50 -or ',
    '$Attempt -ge 1 -or ',
    by('scanner'),
    /signals: expected \["SUCCESS"\]|^steps: expected/,
  ),
  withoutEnd(
    mutant(
      'windows-two-runners',
      windows('runner/lock'),
      '[IO.FileShare]::None',
      '[IO.FileShare]::ReadWrite',
      by('two-starts'),
      /^steps: expected|exit code of the second runner/,
    ),
  ),
  withoutEnd(
    mutant('windows-task-left', RUNNER, '  Unregister-ResumeTask\n', '', by('plain'), /\[nothing left behind\] tasks after the verdict/),
  ),
  mutant(
    'windows-signal-without-plain-id',
    windows('runner/readiness'),
    '  if (-not $Sent -and $UniqueId -cne $InstanceId) {',
    '  if ($false) {',
    by('signal-reason-refused'),
    /signals: expected \["FAILURE"\], got \[\]/,
  ),
  mutant(
    'windows-download-unchecked',
    windows('download'),
    '    if ($Actual -ne $Sha256) {',
    '    if ($false) {',
    by('dcv-download-altered'),
    /installations: expected \[\]/,
  ),
  withoutEnd(
    mutant(
      'windows-owner-unchecked',
      windows('dcv/session_owner_name'),
      '  if ($IsReserved -or $Owner -cnotmatch "^($Pattern)\\z" -or $Owner.Length -gt {{ rule.max_length }}) {',
      '  if ($false) {',
      by('hostile-owner'),
      /reason tag: expected .*session owner|^steps: expected/,
    ),
  ),
  mutant(
    'windows-guard-without-owners',
    windows('metadata/guard'),
    `    'ClusterNode-Metadata-Owners' = "O:LSD:(A;;CC;;;$((Get-OwnerGroup).SID.Value))$Packages"\n`,
    '',
    by('plain'),
    /\[metadata guarded\]|signals: expected \["SUCCESS"\]/,
  ),
  withoutEnd(
    mutant(
      'windows-added-commands-again',
      windows('runner/added_commands'),
      "    Write-StateFile -Name 'added-commands.started' -Content ''\n",
      '',
      by('power-cut-in-added-commands'),
      /what the commands saw, once/,
    ),
  ),
  mutant(
    'windows-secret-in-log',
    windows('imds'),
    '      return Send-WebRequest -Url "$Address/meta-data/$Path"',
    '      Write-NodeLog -Message $InstanceMetadata.Token\n      return Send-WebRequest -Url "$Address/meta-data/$Path"',
    by('plain'),
    /\[no secret exposed\] a metadata token is in/,
  ),
  mutant(
    'windows-driver-unproved',
    'windows_virtual_desktop/setup_post_reboot.ps.j2',
    '  Assert-GpuDriver -Vendor $Vendor\n',
    '',
    by('gpu-nvidia-silent'),
    /state tags: expected \["failed"\], got \["ready"\]/,
  ),
  mutant(
    'windows-variables-removed',
    windows('environment/environment'),
    "$Variables[$Name], 'Machine')",
    "'', 'Machine')",
    by('customization-reads-values'),
    /^variables of the machine: expected/,
  ),
  mutant(
    'windows-log-in-code-page',
    windows('step'),
    'Save-OwnProcess\nSet-LogEncoding\n',
    'Save-OwnProcess\n',
    by('customization-reads-values'),
    /letters of the log are not in UTF-8/,
  ),
];
