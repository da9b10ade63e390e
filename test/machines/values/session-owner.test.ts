import { spawnSync } from 'child_process';
import * as fc from 'fast-check';
import { NodeOs, NodeOsFamily, NodeType } from '../../../lib';
import { sessionOwnerRule } from '../../../lib/values/session-owner';
import { follows } from '../../../lib/values/value-rule';
import { OWNER_NAMES } from '../../owner-names';
import { describePowerShell, runPowerShell } from '../../powershell';
import { addNode, sampleCluster } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

/** The table, and names made of what makes a difference in it. */
const NAMES = [
  ...OWNER_NAMES.map(({ name }) => name),
  ...fc.sample(
    fc.oneof(
      fc.string({ unit: fc.constantFrom(...'azAZ09_.-'), minLength: 1, maxLength: 34 }),
      fc.string({ unit: fc.constantFrom(...'azAZ09_.- \n\r\\/$`"\'é'), maxLength: 12 }),
      fc.constantFrom(...OWNER_NAMES.map(({ name }) => name)).chain((name) => fc.constantFrom(`${name}.`, `${name}x`, name.toUpperCase())),
    ),
    { numRuns: 500, seed: 16 },
  ),
];

/** Text of a function in the scripts of a node of this system. */
function functionOf(os: NodeOs, begin: RegExp): string {
  const { files } = addNode(sampleCluster().cluster, 'Desktop', { os, nodeType: NodeType.DCV_NODE }).bundle;
  const found = Object.values(files).flatMap((text) => {
    const start = text.search(begin);
    return start === -1 ? [] : [text.slice(start, text.indexOf('\n}\n', start) + 3)];
  });
  expect(new Set(found).size).toBe(1);
  return found[0];
}

const expected = (family: NodeOsFamily): string[] => NAMES.filter((name) => follows(sessionOwnerRule(family), name));

test('the script of a Linux node takes the names that a request and a construct take', () => {
  const script = `set -euo pipefail
fail() { taken=no; }
${functionOf(NodeOs.UBUNTU_24_04, /^require_valid_owner\(\) \{$/m)}
while IFS= read -r -d '' name; do
  taken=yes
  require_valid_owner "$name"
  if [[ $taken == yes ]]; then printf '%s\\0' "$name"; fi
done`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], {
    input: NAMES.map((name) => `${name}\0`).join(''),
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.split('\0').slice(0, -1)).toEqual(expected(NodeOsFamily.LINUX));
});

describePowerShell('in PowerShell', () => {
  test('the script of a Windows node takes the names that a request and a construct take', () => {
    const folder = writeFiles({
      'names.json': JSON.stringify(NAMES),
      'owner.ps1': functionOf(NodeOs.WINDOWS_2022, /^function Get-SessionOwner \{$/m),
    });
    const taken = runPowerShell(
      `
Set-StrictMode -Version 2
function Stop-NodePhase { param([string] $Message) $script:Taken = $false }
. ./owner.ps1
$Names = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText((Join-Path $PWD 'names.json')))
$TakenOnes = New-Object Collections.ArrayList
for ($i = 0; $i -lt $Names.Count; $i++) {
  $VALUE_DCV_SESSION_OWNER = $Names[$i]
  $Taken = $true
  [void](Get-SessionOwner)
  if ($Taken) { [void]$TakenOnes.Add($i) }
}
[Console]::Out.Write((ConvertTo-Json -InputObject $TakenOnes -Compress))`,
      folder,
    );
    expect((JSON.parse(taken) as number[]).map((index) => NAMES[index])).toEqual(expected(NodeOsFamily.WINDOWS));
  });
});
