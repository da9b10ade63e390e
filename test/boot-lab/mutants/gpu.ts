import { mutant, type Mutant } from './mutant';

const INSTALL = 'templates/linux/gpu/install.sh.j2';
const INSTALLER = 'templates/linux/gpu/nvidia_installer.sh.j2';
const PROGRAM = 'templates/linux/gpu/xorg.sh.j2';

export const GPU_MUTANTS: readonly Mutant[] = [
  mutant(
    'driver-without-restart',
    INSTALL,
    '  install_nvidia_driver\n  mark_gpu_driver\n  request_reboot "the driver of the GPU was installed"\n',
    '  install_nvidia_driver\n  mark_gpu_driver\n',
    'gpu-driver/rpm-desktop',
    /GPU driver nvidia_grid: the module does not load/,
  ),
  mutant(
    'driver-not-proved',
    'templates/linux/gpu/proof.sh.j2',
    '[[ -z ${problem} ]]',
    'true',
    'gpu-driver-does-not-load/rpm-desktop',
    /^\[one true verdict\]/,
  ),
  mutant(
    'installer-not-asked',
    INSTALLER,
    'sh "${folder}/installer.run" "$@" >&2 || status=$?',
    'sh "${folder}/installer.run" "$@" >&2 || true',
    'gpu-installer-fails/rpm-desktop',
    /^reason: /,
  ),
  mutant(
    'installer-asks',
    INSTALLER,
    '--skip-module-load',
    '--no-abi-note',
    'gpu-driver/deb-desktop',
    /it would ask, or load the module|ended with status 1/,
  ),
  mutant(
    'gpu-place-in-hexadecimal',
    PROGRAM,
    '\'PCI:%d:%d:%d\\n\' "$((16#${bus}))" "$((16#${slot}))"',
    '\'PCI:%s:%s:%d\\n\' "${bus}" "${slot}"',
    'gpu-resized/deb-desktop',
    /^X configuration at first: /,
  ),
  mutant(
    'gpu-configuration-of-the-first-boot',
    PROGRAM,
    '  replace_when_changed "${CONFIGURATION}"\n',
    '  [[ -e ${CONFIGURATION} ]] || mv -- "${CONFIGURATION}.new" "${CONFIGURATION}"\n',
    'gpu-resized/deb-desktop',
    /^X configuration of another GPU: /,
  ),
  mutant(
    'gpu-configuration-stays',
    PROGRAM,
    '    rm -f -- "${CONFIGURATION}"\n    return 0\n',
    '    return 0\n',
    'gpu-resized/deb-desktop',
    /^X configuration without a GPU: /,
  ),
  mutant(
    'gpu-not-shared',
    'templates/linux/dcv/server.sh.j2',
    'names+=(nice-dcv-gl)',
    'true',
    'gpu-driver/rpm-desktop',
    /^times that GPU sharing was installed: /,
  ),
];
