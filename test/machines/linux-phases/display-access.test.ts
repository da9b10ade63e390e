import { NodeOs } from '../../../lib/nodes/node-os';
import { describeOnMachine, failureOf, Machine, type Outcome } from './machine';
import { renderPhase } from './phase-scripts';

/** What asks the X servers of a desktop, with processes that call themselves X servers, and of whom any user may start one. */

const PROGRAMS = ['cluster-node-display-access', 'cluster-node-dcv-session'];
/** A user of the machine who is not to be believed. */
const STRANGER = 1234;
const SETTINGS = `session_instance=
session_owner=maria
session_storage=
session_id=one
session_name=
session_display=SI:localuser:dcv
session_mounts=()
session_optional_mounts=()
`;

/** Shell: starts an X server under a user, whose process is then `$!`. The name is that of its file, as for the wrapper of a server. */
const server = (name: string, user = 0): string => `
  cp /bin/bash /opt/${name}
  setpriv --reuid ${user} --clear-groups /opt/${name} -c 'read -r <>/tmp/idle' vt1 -auth /run/authority >/dev/null 2>&1 &
  while [[ $(</proc/$!/comm) != ${name} ]]; do /usr/bin/sleep 0.01; done`;
const lock = (display: number, user = 0): string => `
  printf '%10d\\n' $! >/tmp/.X${display}-lock
  chown ${user} /tmp/.X${display}-lock`;
const socket = (display: number, user = 0): string => `
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/tmp/.X11-unix/X${display}")'
  chown ${user} /tmp/.X11-unix/X${display}`;

interface Answer extends Outcome {
  /** How xhost was asked: display, authority, and the user who asks. */
  readonly asked: string[];
}

async function ask(sessionType: 'virtual' | 'console', ...steps: string[]): Promise<Answer> {
  const script = renderPhase('virtual_desktop', {
    os: NodeOs.UBUNTU_24_04,
    nodeType: 'dcv_node',
    context: { '/dcv/SessionType': sessionType },
  });
  const machine = new Machine()
    .write('/etc/cluster-node/dcv-session', SETTINGS)
    .write('/usr/local/sbin/cluster-node-owner-home', '#!/bin/bash\n', 0o755)
    .write('/tmp/asked', '', 0o666)
    // Of the processes of the script alone: those of other tests are seen here too.
    .write('/usr/local/sbin/pgrep', '#!/bin/bash\nexec /usr/bin/pgrep --parent "$(</tmp/script)" "$@"\n', 0o755)
    .write('/usr/local/sbin/xhost', '#!/bin/bash\necho "$DISPLAY $XAUTHORITY $EUID" >>/tmp/asked\necho SI:localuser:dcv\n', 0o755);
  for (const name of PROGRAMS) {
    const [, program] = new RegExp(`${name} 0755 <<\\\\PROGRAM\\n([\\s\\S]*?)\\nPROGRAM\\n`).exec(script)!;
    machine.write(`/usr/local/sbin/${name}`, `${program}\n`, 0o755);
  }
  const outcome = await machine.run(`#!/bin/bash
set -euo pipefail
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin
trap 'for job in $(jobs -p); do kill "$job"; done' EXIT
echo $$ >/tmp/script
rm -rf /tmp/.X*-lock /tmp/.X11-unix
mkdir /tmp/.X11-unix
mkfifo --mode 666 /tmp/idle
${steps.join('\n')}
`);
  const asked = machine.read('/tmp/asked').split('\n').slice(0, -1);
  return { ...outcome, asked };
}
/** With the program's own answer at the end; a lock must not stop it. */
const look = (sessionType: 'virtual' | 'console', ...steps: string[]): Promise<Answer> =>
  ask(sessionType, ...steps, 'timeout 10 cluster-node-display-access');

afterAll(() => Machine.removeAll());

describeOnMachine('X server of a desktop', () => {
  test.each(['Xorg', 'Xdcv-console', 'Xdcv'])('of a console session, with the name %s', async (name) => {
    const withLock = await look('console', server(name), lock(7));
    expect(failureOf(withLock)).toBe('');
    expect(withLock.asked).toEqual([':7 /run/authority 0']);
    const withoutLock = await look('console', server(name), socket(7));
    expect(failureOf(withoutLock)).toBe('');
    expect(withoutLock.asked).toEqual([':7 /run/authority 0']);
  });

  test('that GPUs are borrowed from is not that of a virtual session', async () => {
    const outcome = await look('virtual', server('Xdcv'), lock(7));
    expect(outcome.output).toBe('no X server is running\n');
    expect(outcome.asked).toEqual([]);
  });

  test('without one there is no other message', async () => {
    expect((await look('console')).log).toBe('no X server is running\n');
  });

  test('is asked with the rights of its user, not with those of root', async () => {
    const withLock = await look('console', server('Xorg', STRANGER), lock(7, STRANGER));
    expect(withLock.asked).toEqual([`:7 /run/authority ${STRANGER}`]);
    const withoutLock = await look('console', server('Xorg', STRANGER), socket(7, STRANGER));
    expect(withoutLock.asked).toEqual([`:7 /run/authority ${STRANGER}`]);
  });

  test.each([
    ["a stranger's lock", [server('Xorg'), lock(7, STRANGER)]],
    ["a stranger's socket", [server('Xorg'), socket(7, STRANGER)]],
    ['a pipe', ['mkfifo /tmp/.X7-lock']],
    [
      "a stranger's link",
      [server('Xorg'), lock(7), 'mv /tmp/.X7-lock /root/lock', 'ln -s /root/lock /tmp/.X7-lock', 'chown -h 1234 /tmp/.X7-lock'],
    ],
  ])('is not taken from %s', async (_, steps) => {
    const outcome = await look('console', ...steps);
    expect(outcome.output).toBe('no X server is running\n');
    expect(outcome.asked).toEqual([]);
  });
});

describeOnMachine('program of the session', () => {
  test('goes on when the lock of its display is a pipe', async () => {
    const outcome = await ask(
      'virtual',
      'echo one >/var/lib/machine/sessions',
      `echo '"x11-display" : ":7"' >/var/lib/machine/description`,
      'mkfifo /tmp/.X7-lock',
      'timeout 5 cluster-node-dcv-session || (($? == 124))',
    );
    expect(failureOf(outcome)).toBe('');
    expect(outcome.calls.filter(([command, verb]) => command === 'dcv' && verb === 'describe-session').length).toBeGreaterThan(1);
  });
});
