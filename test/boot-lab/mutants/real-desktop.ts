import { mutant, type Mutant } from './mutant';

const CONFIGURE = 'templates/linux/desktop/configure.sh.j2';
const SESSION_PROGRAM = 'templates/linux/desktop/session.sh.j2';

/** With another change in the same template: two guards, each of which would do. */
function twice(one: Mutant, from: string, to: string): Mutant {
  return { ...one, changes: [...one.changes, { template: one.changes[0].template, from, to }] };
}

/** What only a real desktop shows. */
export const REAL_DESKTOP_MUTANTS: readonly Mutant[] = [
  mutant(
    'desktop-settings-not-written',
    CONFIGURE,
    '  configure_desktop_settings\n',
    '',
    'real-desktop-virtual/real-desktop',
    /^windows, notices and assistants on the first screen: .*Welcome to GNOME/,
  ),
  mutant(
    'assistant-not-silenced',
    CONFIGURE,
    '  skip_first_run "${owner}"\n',
    '  rm -f /home/*/.config/gnome-initial-setup-done\n',
    'real-desktop-virtual/real-desktop',
    /^times that the assistant of a first login was started: expected 0, got 1$/,
  ),
  mutant(
    'overview-stays-open',
    CONFIGURE,
    '  write_overview_program\n',
    '',
    'real-desktop-virtual/real-desktop',
    /^the overview instead of the desktop: /,
  ),
  mutant(
    'keyring-not-made',
    CONFIGURE,
    '  open_keyring "${owner}"\n',
    '',
    'real-desktop-virtual/real-desktop',
    /^status of a program that stores a secret: expected "0", got "124"$/,
  ),
  mutant(
    'lock-without-display-manager',
    'templates/linux/dcv/display_manager.sh.j2',
    ' or context.get("/dcv/LockOnDisconnect")',
    '',
    'real-desktop-virtual/real-desktop',
    /^locked after the last client has left: expected "true", got "false"$/,
  ),
  mutant(
    'login-files-not-read',
    SESSION_PROGRAM,
    '  read_script /etc/profile\n',
    '',
    'real-desktop-virtual/real-desktop',
    /^CLUSTER_NODE_INSTANCE_ID in the shell of a terminal: /,
  ),
  twice(
    mutant(
      'owner-may-everything',
      'templates/linux/dcv/permissions.sh.j2',
      '"%owner% allow {{ context.get("/dcv/OwnerFeatures") | join(" ") }}"',
      '"%owner% allow builtin"',
      'real-desktop-options/real-desktop',
      /^the owner may usb$/,
    ),
    '"%any% deny {{ denied | join(" ") }}"',
    '"# nothing is denied"',
  ),
  mutant(
    'permissions-not-given',
    'templates/linux/dcv/session_program.sh.j2',
    '    --permissions-file /etc/dcv/cluster-node.perm)',
    '    )',
    'real-desktop-options/real-desktop',
    /^the collaborator may not see the desktop$/,
  ),
  mutant(
    'session-made-once',
    'templates/linux/dcv/session_program.sh.j2',
    '  while true; do\n    keep_session\n  done\n',
    '  until [[ -e ${RUN}/since ]]; do\n    keep_session\n  done\n  sleep infinity\n',
    'real-desktop-returns/real-desktop',
    /^a desktop within 60 s after: logout: expected "true", got "false"$/,
  ),
  mutant(
    'server-not-started-again',
    'templates/linux/dcv/server_unit.sh.j2',
    'Restart=always\n',
    '',
    'real-desktop-returns/real-desktop',
    /^a desktop within 60 s after: logout: expected "true", got "false"$/,
  ),
  mutant(
    'owner-not-logged-in',
    'templates/linux/desktop/login_screen.sh.j2',
    'AutomaticLoginEnable=true\n',
    '',
    'real-desktop-console/real-desktop',
    /^the owner is not logged in$/,
  ),
];
