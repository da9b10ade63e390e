import { BUNDLE_SHA256, LAUNCH_TIME_VALUES, PHASES, renderWindows, WINDOWS_CONTEXTS } from './windows-scripts';

const scripts = renderWindows();
const PROXY = 'windows2022 behind a proxy';
const PASSWORD = 'windows2022 with an owner password, stacks, packages and a file system';

/** Expects the texts to stand in a script in this order. */
function expectInOrder(script: string, texts: readonly string[]): void {
  let from = 0;
  for (const text of texts) {
    const at = script.indexOf(text, from);
    expect({ text, found: at >= 0 }).toEqual({ text, found: true });
    from = at + text.length;
  }
}

/** The text of a function, from its name to the brace in the first column. */
function functionText(script: string, name: string): string {
  const match = new RegExp(`^function ${name}\\b.*?^\\}`, 'ms').exec(script);
  expect(match).not.toBeNull();
  return match?.[0] ?? '';
}

describe('stage 0', () => {
  const stage0 = scripts['user_data.ps1'];

  test('takes its steps in the safe order', () => {
    expectInOrder(stage0, [
      "SetSecurityDescriptorSddlForm('O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')",
      'CreateDirectory($State, $Acl)',
      "-notmatch '^O:(BA|SY).*D:P') { throw",
      '[IO.File]::Open("$State\\stage0.lock"',
      '/api/token" -Method Put',
      "$Id = Get-Metadata 'instance-id'",
      'if (-not (Test-Path $Id)) {',
      'Remove-Item -Recurse -Force',
      'Set-Content $Id',
      "if (-not (Test-Path 'result')) {",
      "$Values = @'\nVALUE_CONFIGURATION_REGION=",
      "Set-Content 'values' $Values",
      `$Sha = '${BUNDLE_SHA256}'`,
      'if (-not (Test-Path "bootstrap\\$Sha")) {',
      'Read-S3Object -BucketName $VALUE_BOOTSTRAP_BUNDLE_BUCKET -Key $VALUE_BOOTSTRAP_BUNDLE_KEY',
      "if ((Get-FileHash 'bundle.tar').Hash -ne $Sha) { throw",
      "tar.exe\" -xf 'bundle.tar' -C 'bootstrap'",
      'if ($LASTEXITCODE) { throw',
      'Set-Content "bootstrap\\$Sha"',
      "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File 'bootstrap\\runner.ps1'",
      "if ($LASTEXITCODE -and (Test-Path 'result', 'rebooting') -notcontains $true) { throw",
    ]);
  });

  test('the token, the lock and the download are not asked for before the folder is safe', () => {
    const before = stage0.slice(stage0.indexOf('\ntry {'), stage0.indexOf("'^O:(BA|SY).*D:P'"));
    expect(before).not.toMatch(/Invoke-|Set-Content|Read-S3Object|File\]::Open/);
  });

  test('reports a failure of its own: result, tags, one signal with the reason, once more with the plain id', () => {
    const failure = stage0.slice(stage0.indexOf('} catch {\n'));
    expectInOrder(failure, [
      '$Reason = "stage0: $_"',
      "-replace '(?<=.{250}).+'",
      'Set-Content \'result\' "failed $Reason"',
      "Key = 'cluster-node:State'; Value = 'failed'",
      "Key = 'cluster-node:StateReason'; Value = $Reason",
      "$To.Status = 'FAILURE'",
      'cluster-node:SignalStack',
      'cluster-node:SignalResource',
      'Send-CFNResourceSignal @To -UniqueId ("$Id $Reason" -replace \'(?<=.{64}).+\')',
      'Send-CFNResourceSignal @To -UniqueId $Id }',
      "Set-Content 'signalled' ''",
    ]);
    expect(failure.match(/Send-CFNResourceSignal/g)).toHaveLength(2);
  });

  // Commands that a team adds to the UserData stand after it.
  test('never ends the process', () => {
    expect(stage0).not.toMatch(/\bexit\b(?! code)/);
  });

  test.each(Object.keys(WINDOWS_CONTEXTS))('%s: stays within 4,096 bytes as UserData', (name) => {
    const line = (variable: string, bytes: number): string => `${variable}=${Buffer.alloc(bytes, 'x').toString('base64')}`;
    const values = [
      line('VALUE_CONFIGURATION_REGION', 14),
      line('VALUE_BOOTSTRAP_BUNDLE_BUCKET', 50),
      line('VALUE_BOOTSTRAP_BUNDLE_KEY', 68),
      line('VALUE_DCV_OWNER_PASSWORD_SECRET', 100),
    ].join('\n');
    const text = renderWindows({ ...WINDOWS_CONTEXTS[name], '/bootstrap/DeployTimeValues': values })['user_data.ps1'];
    expect(Buffer.byteLength(`<powershell>\n${text}\n</powershell>\n<persist>true</persist>\n`)).toBeLessThanOrEqual(4096);
    const own = Buffer.byteLength(text) - Buffer.byteLength(values);
    expect(own).toBeLessThanOrEqual(name.includes('prox') ? 3450 : 3150);
  });

  test('goes through the proxy, and to the metadata service without it', () => {
    const proxied = renderWindows(WINDOWS_CONTEXTS[PROXY])['user_data.ps1'];
    expectInOrder(proxied, [
      "@('169.254.169.254') + \".internal.example.com, 10.0.0.1\".Split(',')",
      'New-Object Net.WebProxy("http://proxy.example.com:3129", $true, $Direct)',
      'CreateDirectory($State, $Acl)',
    ]);
    expect(scripts['user_data.ps1']).not.toContain('WebProxy');
  });

  test('a host of the proxy exceptions is matched as a whole, with its subdomains', () => {
    const [, before, after] = /'(\S+)' \+ \[regex\]::Escape\(\$_\.Trim\(' \*\.'\)\) \+ '(\S+)'/.exec(
      renderWindows(WINDOWS_CONTEXTS[PROXY])['user_data.ps1'],
    ) as unknown as string[];
    const pattern = new RegExp(`${before}internal\\.example\\.com${after}`);
    expect(
      ['https://internal.example.com', 'https://a.internal.example.com:8443', 'http://internal.example.com:80'].filter((uri) =>
        pattern.test(uri),
      ),
    ).toHaveLength(3);
    expect(['https://notinternal.example.com', 'https://internal.example.com.evil.org'].filter((uri) => pattern.test(uri))).toEqual([]);
  });
});

describe('the runner', () => {
  const runner = scripts['runner.ps1'];

  test('registers the resume task, then runs the phases in order, then reports', () => {
    expectInOrder(functionText(runner, 'Invoke-Bootstrap'), [
      "if (Test-StateFile -Name 'result') {",
      'Publish-Result',
      'return',
      'Register-ResumeTask',
      "Remove-StateFile -Name 'rebooting'",
      'Save-LaunchTimeValues',
      'Add-ByteOrderMarks',
      ...PHASES.map((phase) => `Invoke-NodePhase -Name "${phase.name}" -Script "${phase.script}" -TimeoutSeconds ${phase.timeout_seconds}`),
      "Write-StateFile -Name 'result' -Content 'ready'",
      'Publish-Result',
    ]);
    expect(runner.match(/-Content 'ready'/g)).toHaveLength(1);
  });

  test('leaves the state of another instance alone, before it takes the lock', () => {
    const main = runner.slice(runner.indexOf('# A node that was made from an image'));
    expectInOrder(main, [
      "Get-InstanceMetadata -Path 'instance-id'",
      'exit 0',
      '$RunnerLock = Open-RunnerLock',
      'exit 0',
      'Invoke-Bootstrap',
    ]);
  });

  test('a phase that is over is marked before the restart that it asked for', () => {
    expectInOrder(functionText(runner, 'Invoke-NodePhase'), [
      'if (Test-StateFile -Name "phases\\$Name.done") {',
      'return',
      'if ($Remaining -le 0) {',
      'throw',
      '$Seconds = [Math]::Min($TimeoutSeconds, $Remaining)',
      "Remove-StateFile -Name 'failure'",
      "Remove-StateFile -Name 'reboot-requested'",
      'Invoke-PhaseProcess -Name $Name -Script $Script -TimeoutSeconds $Seconds',
      'if ($null -eq $ExitCode) {',
      'throw',
      'if ($ExitCode -ne 0) {',
      'throw',
      "if ($Then -ne 'repeat') {",
      'Write-StateFile -Name "phases\\$Name.done"',
      "if ($Then -ne '') {",
      'Restart-Node',
    ]);
  });

  test('a restart is counted, limited and recorded before it happens', () => {
    expectInOrder(functionText(runner, 'Restart-Node'), [
      'if ($Reboots -gt [int]5) {',
      'throw',
      "Write-StateFile -Name 'reboots'",
      "Write-StateFile -Name 'rebooting'",
      'Restart-Computer -Force',
      'exit 0',
    ]);
  });

  test('a phase out of time is ended with all its children', () => {
    expectInOrder(functionText(runner, 'Invoke-PhaseProcess'), [
      '[Diagnostics.Process]::Start($Start)',
      'WaitForExit(1000 * $TimeoutSeconds)',
      "@('/PID', \"$($Process.Id)\", '/T', '/F')",
      'return $null',
      'return $Process.ExitCode',
    ]);
    expect(functionText(runner, 'Get-RemainingSeconds')).toContain('[int]7205');
  });

  test('an error becomes the result once; a result that is written stays', () => {
    expectInOrder(runner.slice(runner.indexOf('try {\n  Invoke-Bootstrap')), [
      '} catch {',
      "if (-not (Test-StateFile -Name 'result')) {",
      'Write-StateFile -Name \'result\' -Content "failed $FailureReason"',
      'Publish-Result',
      'exit 1',
      'exit 0',
    ]);
  });

  test('the result is signalled once, tags first, and the resume task stays until then', () => {
    expectInOrder(functionText(runner, 'Publish-Result'), [
      "if (-not (Test-StateFile -Name 'signalled')) {",
      "if ($State -ne 'ready') {",
      "$Status = 'FAILURE'",
      'Set-StateTags',
      'Send-ReadinessSignal',
      "Write-StateFile -Name 'signalled'",
      'Unregister-ResumeTask',
    ]);
    expectInOrder(functionText(runner, 'Send-ReadinessSignal'), [
      "Get-InstanceTag -Key 'cluster-node:SignalStack'",
      "Get-InstanceTag -Key 'cluster-node:SignalResource'",
      'return',
      'Limit-Text -Text "$InstanceId $Reason" -Length 64',
      'if (-not $Sent) {',
      '-UniqueId $InstanceId',
    ]);
    expect(functionText(runner, 'Set-StateTags')).toContain('Limit-Text -Text $Reason -Length 256');
  });

  test('asks for each launch-time value, and insists on the required ones', () => {
    const lines = functionText(runner, 'Save-LaunchTimeValues')
      .split('\n')
      .filter((line) => line.includes('Get-LaunchTimeValueLine'));
    expect(lines.map((line) => line.trim())).toEqual(
      LAUNCH_TIME_VALUES.map(
        ({ variable, tag, required }) => `Get-LaunchTimeValueLine -Variable "${variable}" -Tag "${tag}"${required ? ' -Required' : ''}`,
      ),
    );
  });

  test('state files are flushed to the disk before they take their name', () => {
    expectInOrder(functionText(runner, 'Write-StateFile'), [
      '$Stream.Flush($true)',
      '$Stream.Dispose()',
      '[IO.File]::Replace(',
      '[IO.File]::Move(',
    ]);
  });
});

describe('a phase script', () => {
  test.each(['setup.ps1', 'setup_post_reboot.ps1', 'extra/virtual_desktop.ps1', 'setup_user_customization.ps1'])(
    '%s leaves its reason and a failing exit code when anything throws',
    (name) => {
      const trap = /^trap \{.*?^\}/ms.exec(scripts[name])?.[0] ?? '';
      expectInOrder(trap, ["Write-StateFile -Name 'failure'", 'exit 1']);
    },
  );

  test('a download counts only with its checksum', () => {
    expectInOrder(functionText(scripts['extra/virtual_desktop.ps1'], 'Save-VerifiedDownload'), [
      "-notmatch '^[0-9a-fA-F]{64}$'",
      'throw',
      'Invoke-WebRequest -Uri $Url -OutFile $Partial -UseBasicParsing',
      'if ($Actual -ne $Sha256) {',
      'throw',
      'Move-Item -LiteralPath $Partial -Destination $Destination',
    ]);
  });

  test('a registry key is created before its value', () => {
    expectInOrder(functionText(scripts['extra/virtual_desktop.ps1'], 'Set-RegistryValue'), [
      'if (-not (Test-Path',
      'New-Item -Path $Path',
      'New-ItemProperty',
    ]);
  });

  test('setup waits for the stacks it is told, and tells what it does not do', () => {
    const setup = renderWindows(WINDOWS_CONTEXTS[PASSWORD])['setup.ps1'];
    expectInOrder(functionText(setup, 'Wait-ConfiguredStacks'), [
      '$TimeoutSeconds = [int]600',
      'Wait-Stack -StackName "network"',
      'Wait-Stack -StackName "${VALUE_CONFIGURATION_WAIT_FOR_STACKS_1}"',
    ]);
    expectInOrder(functionText(setup, 'Invoke-Setup'), [
      'Wait-ConfiguredStacks',
      'shared file systems are not mounted',
      'extra packages are not installed',
      'Request-PendingReboot',
    ]);
    expect(scripts['setup.ps1']).not.toContain('Wait-Stack');
    expect(functionText(scripts['setup.ps1'], 'Invoke-Setup')).not.toContain('not ');
  });

  test('the proxy of the machine is set only when there is one', () => {
    expect(functionText(scripts['setup.ps1'], 'Invoke-Setup')).not.toContain('Proxy');
    expectInOrder(functionText(renderWindows(WINDOWS_CONTEXTS[PROXY])['setup.ps1'], 'Set-MachineProxy'), [
      '"http://proxy.example.com:3128"',
      '"http://proxy.example.com:3129"',
      "'winhttp', 'set', 'proxy'",
    ]);
  });
});

describe('the virtual desktop', () => {
  const desktop = scripts['extra/virtual_desktop.ps1'];
  const withPassword = renderWindows(WINDOWS_CONTEXTS[PASSWORD])['extra/virtual_desktop.ps1'];

  test('account, server, settings and firewall come before the session; after a restart the phase runs again', () => {
    expectInOrder(functionText(desktop, 'Invoke-VirtualDesktop'), [
      'Set-OwnerAccount',
      '$RestartNeeded = Install-DcvServer',
      'Set-DcvConfiguration',
      'Set-DcvFirewallRules',
      'if ($RestartNeeded) {',
      '-RepeatPhase',
      'return',
      'Start-DcvSession',
    ]);
  });

  test('sets session, owner, storage, permissions, port and idle timeout', () => {
    const settings = [...functionText(desktop, 'Set-DcvConfiguration').matchAll(/-Name '([a-z-]+)' -Value (.+) -Type '(\w+)'/g)].map(
      (match) => match.slice(1),
    );
    expect(settings).toEqual([
      ['create-session', '1', 'DWord'],
      ['owner', '(Get-SessionOwner)', 'String'],
      ['storage-root', '(New-SessionStorage)', 'String'],
      ['permissions-file', '(Save-SessionPermissions)', 'String'],
      ['web-port', '([int]8443)', 'DWord'],
      ['quic-port', '([int]8443)', 'DWord'],
      ['idle-timeout', '([int]1441)', 'DWord'],
    ]);
    expect(desktop).not.toContain('os-auto-lock');
    expect(functionText(desktop, 'Save-SessionPermissions')).toContain('[permissions]`r`n%owner% allow builtin`r`n');
  });

  test('the owner is an ordinary user', () => {
    expect([...desktop.matchAll(/Add-LocalGroupMember .*/g)].map((match) => match[0])).toEqual([
      "Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $Owner",
    ]);
  });

  test('takes a name that is safe in command lines, registry and files, and no other', () => {
    const pattern = /-cnotmatch '(.+)\\z'/.exec(desktop)?.[1] ?? '';
    const takes = (name: string): boolean => new RegExp(`${pattern}$`).test(name) && !name.endsWith('\n');
    expect(['alice', 'a', 'Bob.Smith', 'x_1-2', 'a'.repeat(20)].filter(takes)).toHaveLength(5);
    expect(
      ['', '.a', '-a', 'a b', 'a"b', "a'b", 'a;b', 'a$b', 'a\\b', 'DOMAIN\\a', 'a@b', 'a'.repeat(21), '\u00e4', 'a\n'].filter(takes),
    ).toEqual([]);
    expect(desktop).toContain("$Owner.EndsWith('.')");
  });

  test('the password comes from the secret, or is random and the log says that nobody knows it', () => {
    expect(withPassword).toContain(
      'ConvertTo-SecureString -String (Get-NodeSecret -Arn "${VALUE_DCV_OWNER_PASSWORD_SECRET}") -AsPlainText -Force',
    );
    expect(withPassword).not.toContain('New-RandomPassword');
    expect(withPassword).toContain('Set-LocalUser -Name $Owner -Password $Password');
    expect(desktop).toContain('RandomNumberGenerator');
    expect(desktop).not.toMatch(/Get-Random\b/);
    expect(desktop).toContain('the password of $Owner is random and known to nobody');
    expect(desktop).not.toContain('Set-LocalUser');
  });

  test('with a directory no account is made', () => {
    const joined = renderWindows(WINDOWS_CONTEXTS['windows2022 with a directory'])['extra/virtual_desktop.ps1'];
    expect(joined).not.toMatch(/LocalUser|LocalGroup/);
    expect(joined).toContain('Get-SessionOwner');
  });

  test('the server is the pinned package, installed quietly, and its exit code counts', () => {
    const install = functionText(desktop, 'Install-DcvServer');
    expectInOrder(install, [
      `$Sha256 = "${'5'.repeat(64)}"`,
      'Save-VerifiedDownload "https://example.com/2025.0/Servers/nice-dcv-server-x64-Release-2025.0-20103.msi" $Sha256 $Package',
      "'/quiet', '/norestart'",
      'AUTOMATIC_SESSION_OWNER=$(Get-SessionOwner)',
      '-SuccessCode @(0, 1618, 1641, 3010)',
      'if ($Code -eq 1618) {',
      'Stop-NodePhase',
      "Write-StateFile -Name 'dcv-server'",
      'return ($ExitCode -ne 0)',
    ]);
  });

  test('the session is waited for, and not for ever', () => {
    expectInOrder(functionText(desktop, 'Start-DcvSession'), [
      "Restart-Service -Name 'dcvserver' -Force",
      'AddSeconds(300)',
      "'list-sessions'",
      'return',
      '-ge $Deadline',
      'Stop-NodePhase',
    ]);
  });
});

describe('values', () => {
  test('of the launch and the deployment are variables, the same for every desktop', () => {
    for (const [name, text] of Object.entries(scripts)) {
      const used = new Set(text.match(/\bVALUE_[A-Z_]+[A-Z]\b/g) ?? []);
      const known = [
        'CONFIGURATION_REGION',
        'BOOTSTRAP_BUNDLE_BUCKET',
        'BOOTSTRAP_BUNDLE_KEY',
        'JOB_JOB_PROJECT',
        'DCV_SESSION_OWNER',
        'DCV_SESSION_NAME',
        'DCV_SESSION_ID',
      ];
      expect({ name, unknown: [...used].filter((variable) => !known.includes(variable.slice('VALUE_'.length))) }).toEqual({
        name,
        unknown: [],
      });
    }
    expect(functionText(scripts['extra/virtual_desktop.ps1'], 'Get-SessionOwner')).toContain('"${VALUE_DCV_SESSION_OWNER}"');
  });
});
