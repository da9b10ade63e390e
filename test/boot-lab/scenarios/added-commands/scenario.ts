import { readdirSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

/** What the commands see of the world, one thing a line. */
const LOOK_AROUND = [
  'exec >>/var/lib/added',
  'echo "result: $(cat /var/lib/cluster-node/result)"',
  'echo "environment: $(tr "\\0" "\\n" </proc/$$/environ | cut -d= -f1 | sort | tr "\\n" " ")"',
  // bash reads this file through the last one.
  'ls -C -w 80 /proc/$$/fd',
  'echo "functions: $(declare -F)"',
  'echo "options: $- $(umask) $PWD"',
  'echo "own session: $(($(cut -d" " -f6 /proc/$$/stat) == $$))"',
  'echo "in the log" >&2',
  // The log is complete when nobody holds it any more.
  'sleep 86397 >/dev/null 2>&1 &',
  'exit 3',
];

export default scenario({
  summary: 'commands added to the user data run once, when the node is ready, in a world of their own; that they fail changes nothing',
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  smoke: [RPM_LOGIN],
  // Also with a restart before, a boot after, and user data that cloud-init runs once more.
  input: { node: () => ({ packages: ['linux-firmware'] }), commands: LOOK_AROUND },
  verdict: 'ready',
  play: async ({ machine, notes }) => {
    await machine.run();
    // By then whatever systemd ends with the unit is gone.
    await machine.inside('systemctl', 'stop', 'cluster-node.service');
    notes.background = String(machine.processes().includes('sleep 86397'));
    await machine.powerOff();
    await machine.run();
    await machine.powerOff();
    const instances = path.join(machine.root, 'var/lib/cloud/instances');
    for (const instance of readdirSync(instances)) rmSync(path.join(instances, instance, 'sem/config_scripts_user'));
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled', 'settled', 'settled'],
      'boots',
    );
    check.equal(
      seen.lines('/var/lib/added'),
      ['result: ready', 'environment: HOME LANG PATH ', '0  1  2  255', 'functions: ', 'options: hB 0022 /', 'own session: 1'],
      'what the commands saw',
    );
    const started = seen
      .trace(seen.boots[1])
      .running(([program, file]) => program === '/bin/bash' && file === '/var/lib/cluster-node/added-commands');
    check.equal(started.length, 1, 'starts in the boot of the verdict');
    const signalled = seen.callsOf('cloudformation', 'SignalResource').map((call) => call.time / 1000);
    check.that(
      signalled.every((time) => time < started[0]?.start),
      'the commands were started before the signal',
    );
    check.equal(seen.notes.background, 'true', 'what the commands left in the background is still there');
    check.matches(seen.log('added-commands'), /in the log/, 'log of the commands');
    check.matches(seen.log('runner'), /added commands: ended with status 3/, 'log of the runner');
    const { mode } = statSync(path.join(seen.machine.root, 'var/lib/cluster-node/added-commands'));
    check.equal((mode & 0o777).toString(8), '600', 'mode of the stored commands');
  },
});
