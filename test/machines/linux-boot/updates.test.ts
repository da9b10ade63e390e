import { spawnSync } from 'child_process';
import { describeOnMachine, instance, Machine, REBOOTED, REGION, renderNode, type RenderedNode } from './machine';

jest.setTimeout(180_000);
afterAll(() => Machine.stopAll());

const UBUNTU = {
  '/job/BaseOS': 'ubuntu2404',
  '/system/os/package_manager': 'apt',
  '/system/os/distribution': 'ubuntu',
  '/system/os/version': '24.04',
};
const HOLD = '/etc/systemd/system/apt-daily-upgrade.service.d/cluster-node.conf';
const NOTE_HOLD = `  cat ${HOLD} >>/var/lib/holds`;
const NEEDRESTART = '/etc/needrestart/conf.d/cluster-node.conf';

const ubuntu = (body: string): RenderedNode => renderNode({ context: UBUNTU, phases: [{ name: 'setup', body }] });

/** Of these units, those that needrestart would restart: it evaluates the files and takes a match with the value 0 for no. */
function restarted(configuration: string, units: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(
    'perl',
    [
      '-e',
      `our %nrconf; eval do { local $/; <STDIN> }; die $@ if $@;
       unit: for my $unit (@ARGV) {
         for my $pattern (keys %{$nrconf{override_rc}}) { next unit if $unit =~ /$pattern/ && $nrconf{override_rc}->{$pattern} == 0 }
         print "$unit\\n";
       }`,
      ...units,
    ],
    { input: configuration, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describeOnMachine('updates that run by themselves', () => {
  test.concurrent('wait for the verdict, over a reboot, and run after it', async () => {
    const machine = await Machine.start(
      ubuntu(
        `${NOTE_HOLD}\n  if [[ ! -e /var/lib/once ]]; then touch /var/lib/once; request_reboot again; fi\n  cat ${HOLD} >>/var/lib/holds`,
      ),
    );
    const boots = await machine.run();
    expect({ statuses: boots.map(({ status }) => status), logs: machine.logs() }).toMatchObject({ statuses: [REBOOTED, 0] });
    const holds = machine.read('/var/lib/holds').split('\n');
    expect(holds.filter((line) => line === 'ConditionPathExists=/var/lib/cluster-node/result').length).toBeGreaterThanOrEqual(2);
    expect(machine.exists(HOLD)).toBe(false);
    expect(machine.exists('/etc/systemd/system/apt-daily-upgrade.service.d')).toBe(false);
    // Once to hold them, once to let them go.
    expect(machine.read('/var/lib/machine-calls').match(/systemctl daemon-reload/g)).toHaveLength(2);
  });

  test.concurrent('run after a failure as well', async () => {
    const machine = await Machine.start(ubuntu(`${NOTE_HOLD}\n  fail "no"`));
    await machine.run();
    expect(machine.read('/var/lib/holds')).toContain('ConditionPathExists=');
    expect(machine.read('/var/lib/cluster-node/result')).toBe('failed phase setup: no\n');
    expect(machine.exists(HOLD)).toBe(false);
  });

  test.concurrent('are not held in an image of a node at work that is no node', async () => {
    const machine = await Machine.start(ubuntu('  touch /var/lib/image; sleep 100000'));
    await machine.boot((cutPower) => void machine.waitFor(() => machine.exists('/var/lib/image')).then(cutPower));
    expect(machine.exists(HOLD)).toBe(true);
    await machine.change({ instance: instance({}, 'i-0aaaaaaaaaaaaaaaa') });
    await machine.boot();
    expect(machine.exists(HOLD)).toBe(false);
  });

  test.concurrent('are no reason to fail when systemd goes down, or is replaced, while they are held', async () => {
    const machine = await Machine.start(ubuntu(NOTE_HOLD));
    const systemctl = machine.read('/usr/local/sbin/systemctl');
    machine.write('/usr/local/sbin/systemctl', systemctl.replace('case "$*" in', 'case "$*" in\n  daemon-reload) exit 1 ;;'));
    await machine.run();
    expect(machine.signals()).toEqual([expect.stringContaining('SUCCESS')]);
    expect(machine.logs()).toContain('systemd was not reloaded');
  });

  test.concurrent.each(['', 'request_reboot again', 'fail "no"'])('wait while an image is made that ends with "%s"', async (end) => {
    const node = renderNode({
      context: {
        ...UBUNTU,
        '/bootstrap/Phases': [{ name: 'setup', script: 'setup.sh', install: 'setup.sh', check: null, timeout_seconds: 30 }],
      },
      phases: [{ name: 'setup', body: `${NOTE_HOLD}\n  ${end}` }],
    });
    const userData = `#!/bin/bash
mkdir -p /opt/cluster-node/bootstrap /run/cluster-node
base64 --decode <<<'${node.bundle.toString('base64')}' | tar -x -C /opt/cluster-node/bootstrap
echo VALUE_CONFIGURATION_REGION=${Buffer.from(REGION).toString('base64')} >/run/cluster-node/values
touch /run/cluster-node/launch-values
bash /opt/cluster-node/bootstrap/runner.sh install
`;
    const machine = await Machine.start({ ...node, userData });
    const boot = await machine.boot();
    expect(boot).toEqual({ ...boot, status: { '': 0, 'request_reboot again': 194 }[end] ?? 1 });
    expect(machine.read('/var/lib/holds')).toContain('ConditionPathExists=');
    // Over a restart, too; an image that is whole, or none, has them run again.
    expect(machine.exists(HOLD)).toBe(end === 'request_reboot again');
  });

  test.concurrent('the bootstrap and what it runs in are restarted by no upgrade, from before the first phase', async () => {
    const machine = await Machine.start(ubuntu(`  cp ${NEEDRESTART} /var/lib/needrestart.conf`));
    await machine.run();
    const units = ['cluster-node.service', 'cloud-final.service', 'cluster-node-dcv-session.service', 'dcvserver.service', 'gdm.service'];
    expect(restarted(machine.read('/var/lib/needrestart.conf'), [...units, 'ssh.service'])).toEqual(['ssh.service']);
    expect(machine.mode(NEEDRESTART)).toBe('644');
  });

  test.concurrent('on systems with dnf it is dnf-automatic that waits', async () => {
    const hold = '/etc/systemd/system/dnf-automatic-install.service.d/cluster-node.conf';
    const machine = await Machine.start(renderNode({ phases: [{ name: 'setup', body: `  cat ${hold} >/var/lib/holds` }] }));
    await machine.run();
    expect(machine.read('/var/lib/holds')).toContain('ConditionPathExists=/var/lib/cluster-node/result');
    expect(machine.exists(hold)).toBe(false);
    expect(machine.exists(NEEDRESTART)).toBe(false);
  });
});
