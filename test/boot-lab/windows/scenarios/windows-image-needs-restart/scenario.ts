import { bundleOf, downloadSettingsOf } from '../../../baking';
import { TWO_INSTANCES } from '../../../scenario';
import type { WindowsLab } from '../../lab';
import { windowsScenario } from '../../scenario';

const STATUSES = 'C:\\lab\\bake-statuses';

export default windowsScenario({
  summary: 'an image is baked by the runner alone, with the restart that an installer asks for, and its instance installs nothing',
  verdict: 'ready',
  withinSeconds: 180,
  exempt: { ...TWO_INSTANCES, 'no step without a runner': 'the baker calls the runner in a script of its own' },
  play: async (lab) => {
    const { instance } = lab.services.world;
    lab.machine.fault('msiexec', 'after 3010');
    const userData = Buffer.from(bakeUserData(lab)).toString('base64');
    await lab.services.change({ instance: { ...instance, id: 'i-0babe0babe0babe00', userData } });
    await lab.machine.run();
    lab.notes.statuses = (lab.machine.read(STATUSES) ?? '').trim();
    lab.notes.left = lab.machine.list('C:\\ProgramData\\ClusterNodeImage').join(' ');
    await lab.services.change({ instance });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.notes.statuses, '3010 0', 'exit codes of the runner');
    check.equal(seen.notes.left, 'manifest', 'what an image keeps');
    const configures = 'setup@3 setup_post_reboot@3 virtual_desktop@3 setup_user_customization@3 virtual_desktop.check@3';
    check.equal(seen.order, `virtual_desktop.install@1 ${configures}`, 'steps');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0'],
      'signals',
    );
  },
});

/** What a baker of images does: the bundle, the download settings, the runner, and that again after a restart. */
function bakeUserData({ services: { world } }: WindowsLab): string {
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
[IO.File]::AppendAllText('${STATUSES}', "$Status ")
if ($Status -eq 3010) {
  Restart-Computer -Force
} else {
  Remove-Item $Folder -Recurse -Force
}
</powershell>
<persist>true</persist>
`;
}
