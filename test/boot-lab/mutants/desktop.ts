import { mutant, type Mutant, withoutEnd } from './mutant';

const desktop = (concern: string): string => `templates/linux/desktop/${concern}.sh.j2`;

/** The desktop itself: what it does to the node while it is installed, and what its session is. */
export const DESKTOP_MUTANTS: readonly Mutant[] = [
  withoutEnd(
    mutant(
      'network-is-handed-over',
      desktop('install'),
      '  keep_network_with_networkd\n',
      '',
      'network-handed-over/deb-desktop',
      /^\[one true verdict\] signals: expected \["SUCCESS"\], got \[\]$/,
    ),
  ),
  withoutEnd(
    mutant(
      'network-manager-is-not-told',
      desktop('network'),
      'unmanaged-devices=interface-name:en*;interface-name:eth*\n',
      '',
      'network-handed-over/deb-desktop',
      /^\[one true verdict\] signals: expected \["SUCCESS"\], got \[\]$/,
    ),
  ),
  withoutEnd(
    mutant(
      'snap-store-is-not-asked',
      desktop('firefox'),
      '  if ! timeout 60 snap info firefox >/dev/null; then',
      '  if false; then',
      'snap-store-silent/deb-desktop',
      /^the snap was installed without asking the store$/,
    ),
  ),
  mutant(
    'session-is-plain-gnome',
    desktop('session'),
    '  choose_desktop\n  mapfile',
    '  mapfile',
    'real-desktop-identity/real-desktop',
    /^desktop in a terminal: /,
  ),
  mutant(
    'snaps-are-not-found',
    desktop('session'),
    '    folders="${folders}:${folder}"\n',
    '    :\n',
    'real-desktop-identity/real-desktop',
    /^folders in a terminal: /,
  ),
  mutant(
    'colour-profiles-ask',
    desktop('prompts'),
    '(create|delete|modify)-(device|profile)',
    '(remove)-(device|profile)',
    'real-desktop-identity/real-desktop',
    /^answers of polkit: /,
  ),
];
