import { bundleOf, downloadSettingsOf } from '../baking';
import type { WindowsLab } from './lab';

/** The instance that an image is made on. */
export const BUILDER_ID = 'i-0babe0babe0babe00';

/** Where the baker leaves the exit codes of the runner. */
export const BAKE_STATUSES = 'C:\\lab\\bake-statuses';

/**
 * Makes the disk that of an image: another instance runs the installs alone, with the restarts that they ask for. Returns with
 * the machine off. Leaves the exit codes of the runner in `notes.statuses`.
 */
export async function bakeWindows(lab: WindowsLab): Promise<void> {
  const { instance } = lab.services.world;
  const userData = Buffer.from(bakeUserData(lab)).toString('base64');
  await lab.services.change({ instance: { ...instance, id: BUILDER_ID, userData } });
  await lab.machine.run();
  lab.notes.statuses = (lab.machine.read(BAKE_STATUSES) ?? '').trim();
  await lab.services.change({ instance });
}

/** What a baker of images does: the bundle, the download settings, the runner, and that again after a restart. `end` is what is done behind it. */
export function bakeUserData({ services: { world } }: WindowsLab, end = 'Remove-Item $Folder -Recurse -Force'): string {
  return `<powershell>
$ErrorActionPreference = 'Stop'
$Folder = 'C:\\ProgramData\\ClusterNode'
if (-not (Test-Path "$Folder\\values")) {
  [void][IO.Directory]::CreateDirectory("$Folder\\bootstrap")
  [IO.File]::WriteAllBytes('C:\\lab\\bundle.tar', [Convert]::FromBase64String('${bundleOf(world.objects).toString('base64')}'))
  & "$env:SystemRoot\\System32\\tar.exe" -xf 'C:\\lab\\bundle.tar' -C "$Folder\\bootstrap"
  [IO.File]::WriteAllText("$Folder\\values", '${downloadSettingsOf(world.instance.userData).join('\n')}')
}
# The lab's host of PowerShell takes no switch behind -File.
[IO.File]::WriteAllText('C:\\lab\\bake.ps1', "& '$Folder\\bootstrap\\runner.ps1' -Install; exit \`$LASTEXITCODE")
& "$PSHOME\\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File C:\\lab\\bake.ps1
$Status = $LASTEXITCODE
[IO.File]::AppendAllText('${BAKE_STATUSES}', "$Status ")
if ($Status -eq 3010) {
  Restart-Computer -Force
} else {
  ${end}
}
</powershell>
<persist>true</persist>
`;
}
