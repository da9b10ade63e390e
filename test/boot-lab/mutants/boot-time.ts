import { type Mutant, mutant, runner } from './mutant';

const LAST_PHASE = 'compute_node/setup_user_customization.sh.j2';
const ITS_END = '  return 0\n';
const LAST_PHASE_OF_WINDOWS = 'windows_virtual_desktop/setup_user_customization.ps.j2';
const END_ON_WINDOWS = "Write-NodeLog -Message 'no customization'\n";

/** What a baked boot does without need. */
export const BOOT_TIME_MUTANTS: readonly Mutant[] = [
  mutant(
    'image-not-asked',
    runner('phases'),
    'if install_is_in_image "$1" "$2"; then',
    'if false; then',
    'baked-boot/deb-login',
    /^installs: .* got "setup@1 login_node@1 setup@2 login_node@2 setup@3 login_node@3"$/,
  ),
  // Its installs are in the image, and it looks for packages none the less.
  mutant(
    'packages-at-every-boot',
    LAST_PHASE,
    ITS_END,
    '  apt-get update\n',
    'baked-boot/deb-desktop',
    /^packages and downloads of a baked boot: /,
  ),
  mutant(
    'needless-wait',
    LAST_PHASE,
    ITS_END,
    '  sleep 5\n',
    'baked-boot/rpm-desktop',
    /^sleeps of a baked boot that are no named wait: .* got \["sleep 5: /,
  ),
  // Nothing but the clock tells.
  mutant(
    'needless-wait-without-sleep',
    LAST_PHASE,
    ITS_END,
    '  read -r -t 30 <> <(:) || true\n',
    'baked-boot/deb-desktop',
    /^own time of a baked boot: expected at most 5 s/,
  ),
  mutant(
    'needless-processes',
    LAST_PHASE,
    ITS_END,
    '  for ((needless = 0; needless < 300; needless++)); do /bin/true; done\n',
    'baked-boot/rpm-login',
    /^processes of a baked boot: expected at most the \d+ that may be/,
  ),
  mutant(
    'windows-needless-wait',
    LAST_PHASE_OF_WINDOWS,
    END_ON_WINDOWS,
    'Start-Sleep -Seconds 5\n',
    'windows-baked-boot/windows2022',
    /^sleeps of a baked boot that are no named wait: .* got \[".*: 5 s"\]/,
  ),
  mutant(
    'windows-needless-processes',
    LAST_PHASE_OF_WINDOWS,
    END_ON_WINDOWS,
    '& "$PSHOME\\powershell.exe" -NoProfile -Command \'exit\'\n',
    'windows-baked-boot/windows2022',
    /^processes of a baked boot: expected at most the \d+ that may be/,
  ),
];
