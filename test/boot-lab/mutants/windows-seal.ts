import { mutant, type Mutant } from './mutant';

const SEAL = 'windows_virtual_desktop/seal.ps.j2';
const TRACES = 'templates/windows/image/traces.ps.j2';
const SCENARIO = 'windows-image-two-machines/windows2022';

/** One line of the list is not there. */
function without(name: string, line: string, failure: RegExp): Mutant {
  return mutant(`windows-seal-without-${name}`, TRACES, `  ${line}\n`, '', SCENARIO, failure);
}

function logs(name: string, folder: string, failure: RegExp): Mutant {
  return without(name, `Remove-Trace -MayBeOpen -Path 'C:\\ProgramData\\${folder}\\*'`, failure);
}

/** What is taken from an image of Windows, one after the other. */
export const WINDOWS_SEAL_MUTANTS: readonly Mutant[] = [
  without('dcv-certificate', 'Remove-Trace -Path "$(Get-DcvCertificateFolder)\\*"', /there: .*dcv\.pem.*dcv\.key/),
  without('host-keys', "Remove-Trace -Path 'C:\\ProgramData\\ssh\\ssh_host_*'", /there: .*ssh_host/),
  without(
    'keys-of-logins',
    "Remove-Trace -Path 'C:\\ProgramData\\ssh\\administrators_authorized_keys', 'C:\\Users\\*\\.ssh\\authorized_keys'",
    /there: .*administrators_authorized_keys.*Builder/,
  ),
  without('logon-secret', "Set-LsaSecret -Name 'DefaultPassword' -Value ''", /there: .*lsa.*DefaultPassword/),
  without('owner-secret', "Set-LsaSecret -Name 'L$ClusterNodeOwnerPassword' -Value ''", /there: .*ClusterNodeOwnerPassword/),
  without(
    'logon-value',
    "Remove-ItemProperty -LiteralPath $Winlogon -Name 'DefaultPassword' -ErrorAction SilentlyContinue",
    /something of the builder: .*system\.reg/,
  ),
  without('agent-vault', "Remove-Trace -Path 'C:\\ProgramData\\Amazon\\SSM\\InstanceData\\Vault'", /there: .*Vault/),
  without('agent-registration', "Remove-Trace -Path 'C:\\ProgramData\\Amazon\\SSM\\InstanceData\\registration'", /there: .*registration/),
  without('launch-state', "Remove-Trace -Path 'C:\\ProgramData\\Amazon\\EC2Launch\\state\\*'", /there: .*previous-state.*run-once/),
  logs('dcv-logs', 'NICE\\dcv\\log', /there: .*server\.log/),
  logs('launch-logs', 'Amazon\\EC2Launch\\log', /there: .*agent\.log/),
  logs('launch-logs-of-2019', 'Amazon\\EC2-Windows\\Launch\\Log', /there: .*UserdataExecution/),
  logs('agent-logs', 'Amazon\\SSM\\Logs', /there: .*errors\.log/),
  logs('cloudwatch-logs', 'Amazon\\AmazonCloudWatchAgent\\Logs', /there: .*AmazonCloudWatchAgent/),
  without('user-data', 'Remove-Trace -MayBeOpen -Path "$env:SystemRoot\\Temp\\EC2Launch*"', /something of the builder: .*UserScript/),
  without(
    'user-data-of-users',
    '  Remove-Trace -MayBeOpen -Path "$UserFolder\\AppData\\Local\\Temp\\EC2Launch*", "$UserFolder\\AppData\\Local\\Temp\\Amazon\\EC2-Windows"',
    /there: .*Output\.tmp.*UserScript/,
  ),
  without(
    'histories',
    '  Remove-Trace -Path "$UserFolder\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine\\*_history.txt"',
    /there: .*Builder.*ConsoleHost_history.*systemprofile/,
  ),
  mutant(
    'windows-seal-without-event-logs',
    TRACES,
    "'Windows PowerShell', ",
    '',
    SCENARIO,
    /event logs that were cleared: expected 10, got 8/,
  ),
  mutant('windows-seal-stops-at-open-log', TRACES, 'if ($MayBeOpen) {', 'if ($false) {', SCENARIO, /seal, twice: expected "0 0", got "1/),
  mutant('windows-seal-without-bundle', SEAL, 'Remove-Trace -Path $StateFolder\n', '', SCENARIO, /there: .*ClusterNode/),
];
