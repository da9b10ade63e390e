import { DEB_DESKTOP, DEB_LOGIN, scenario } from '../../scenario';

const UNIT = '/etc/systemd/system/apt-daily-upgrade.service.d';
const NOTES = '/var/lib/lab/upgrades';

/** In the place of apt's own, every two seconds from the first one of a boot on. */
const TIMER = `[Timer]
OnCalendar=*:*:0/2
AccuracySec=100ms
Unit=apt-daily-upgrade.service
[Install]
WantedBy=timers.target
`;
/** In each boot before the runner, which would hold them again. */
const FIRST = `[Unit]
After=network-online.target
Before=cluster-node.service
[Service]
Type=oneshot
ExecStart=/usr/bin/systemctl start apt-daily-upgrade.service
`;
const SERVICE = `[Service]
ExecStartPre=
ExecStart=
ExecStart=/bin/bash /usr/local/lib/lab-upgrade
`;
const UPGRADE = `if [[ -e /var/lib/cluster-node/result ]]; then echo after; elif [[ -e /var/log/cluster-node/setup.install.log ]]; then echo during; fi >>${NOTES}
`;

export default scenario({
  summary:
    'updates that run by themselves want to all the time: none does between the first phase and the verdict, over a reboot; then they do',
  runsOn: [DEB_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/etc/systemd/system/lab-upgrade.timer', TIMER);
    machine.write('/etc/systemd/system/timers.target.d/lab.conf', '[Unit]\nWants=lab-upgrade.timer\n');
    machine.write('/etc/systemd/system/lab-upgrade-first.service', FIRST);
    machine.write('/etc/systemd/system/multi-user.target.d/lab.conf', '[Unit]\nWants=lab-upgrade-first.service\n');
    machine.write(`${UNIT}/lab.conf`, SERVICE);
    machine.write('/usr/local/lib/lab-upgrade', UPGRADE);
    await machine.run();
    // Until one has run.
    await machine.inside('sh', '-c', `for i in $(seq 50); do grep -q after ${NOTES} && break; sleep 0.2; done`);
  },
  expect: (seen, check) => {
    const ran = new Set((seen.machine.read(NOTES) ?? '').split('\n').filter((line) => line !== ''));
    check.equal([...ran], ['after'], 'when updates ran');
    check.that(!seen.machine.has(`${UNIT}/cluster-node.conf`), 'what held them is still there');
    check.equal(
      seen.boots.map((boot) => boot.ended),
      ['reboot', 'settled'],
      'boots',
    );
  },
});
