import { mutant, type Mutant, runner } from './mutant';

export const INSTALL_MUTANTS: readonly Mutant[] = [
  // Installs
  mutant(
    'key-without-text',
    runner('installs'),
    'sha256sum <"${script}"\n',
    'true\n',
    'image-of-older-phase/rpm-desktop',
    /^installs: .* got "setup@1 virtual_desktop@1 setup_user_customization@1"$/,
  ),
  mutant(
    'key-without-facts',
    runner('installs'),
    'for fact in ${facts}; do',
    'for fact in; do',
    'image-without-gpu/rpm-desktop',
    /^installs: .* got "setup@1 virtual_desktop@1"$/,
  ),
  mutant(
    'manifest-says-what-is-no-more',
    runner('phases'),
    '    write_manifest "$1"\n',
    '    true\n',
    'image-of-older-phase/rpm-desktop',
    /^what an image of this node would be said to have: .* got \["setup",/,
  ),
  mutant(
    'stale-image-not-told-of',
    runner('phases'),
    '    note_stale_install "$1"\n',
    '',
    'image-of-older-phase/rpm-desktop',
    /^installs that the image is said to have in another version: expected 1, got 0$/,
  ),
  mutant(
    'no-lower-version',
    'templates/linux/packages.sh.j2',
    'run_package_manager install --allow-downgrades "${files[@]}"',
    'run_package_manager install "${files[@]}"',
    'dcv-older-than-image/deb-desktop',
    /^\[one true verdict\] result file: .*virtual_desktop\.install/,
  ),

  // Packages
  mutant(
    'lock-of-rpm-ends-it',
    'templates/linux/packages.sh.j2',
    'waiting for process|transaction lock|',
    'waiting for process|',
    'rpm-is-locked/rpm-login',
    /^phases: .*got "setup\.install@1!113"$/,
  ),
  mutant(
    'list-of-later-ends-it',
    'templates/linux/packages.sh.j2',
    'not (yet valid|valid yet)|404  |',
    '404  |',
    'package-list-from-the-future/deb-login',
    /^phases: .*got "setup\.install@1!113"$/,
  ),
];
