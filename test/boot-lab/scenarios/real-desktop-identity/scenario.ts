import { Desktop } from '../../desktop';
import { DESKTOP_MACHINE, scenario } from '../../scenario';

const ASK_POLKIT = `
shell=$(pgrep -u ada -o -x gnome-shell)
for action in Flatpak.metadata-update packagekit.system-network-proxy-configure color-manager.create-device color-manager.install-system-wide; do
  if [ -z "$(pkaction --action-id "org.freedesktop.$action" 2>/dev/null)" ]; then continue; fi
  pkcheck --process "$shell" --action-id "org.freedesktop.$action" >/dev/null 2>&1
  printf '%s=%s ' "$action" "$?"
done`;

export default scenario({
  summary: 'a virtual session knows which desktop it is, on the bus of its owner, and is asked nothing by what runs in the background',
  runsOn: [DESKTOP_MACHINE],
  verdict: 'ready',
  play: async (lab) => {
    const desktop = new Desktop(lab);
    await lab.machine.run();
    await desktop.untilDrawn('identity');
    lab.notes.terminal = JSON.stringify(await desktop.terminal());
    lab.notes.polkit = (await lab.machine.inside('bash', '-c', ASK_POLKIT)).output;
  },
  expect: (seen, check) => {
    const terminal = JSON.parse(seen.notes.terminal) as Readonly<Record<string, string | undefined>>;
    check.equal(terminal.XDG_CURRENT_DESKTOP, 'ubuntu:GNOME', 'desktop in a terminal');
    check.matches(terminal.XDG_DATA_DIRS ?? '', /^\/usr\/share\/ubuntu:.*:\/var\/lib\/snapd\/desktop$/, 'folders in a terminal');
    check.matches(terminal.DBUS_SESSION_BUS_ADDRESS ?? '', /^unix:path=\/run\/user\/\d+\/bus/, 'bus in a terminal');
    check.matches(seen.notes.polkit, /color-manager\.create-device=0 color-manager\.install-system-wide=1 /, 'answers of polkit');
    check.that(!/(Flatpak|packagekit)\S*=[^1]/.test(seen.notes.polkit), `answers of polkit: ${seen.notes.polkit}`);
  },
});
