import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'every session ends a second after it was created: tried again without end, ever more slowly; the node fails with that reason',
  runsOn: [RPM_DESKTOP],
  input: { node: () => ({ configuration: { '/system/dcv/ready_seconds': 20 } }) },
  verdict: 'failed',
  play: async (lab) => {
    lab.machine.write('/var/lib/lab/desktop/sessions-die', '999\n');
    await lab.machine.run();
    lab.notes.unit = (
      await lab.machine.inside('systemctl', 'show', '--property=ActiveState,StatusText', 'cluster-node-dcv-session')
    ).output;
  },
  expect: (seen, check) => {
    check.matches(
      seen.reason,
      /^phase virtual_desktop: the desktop is not ready after 20 s: .*session session-1 ended after [0-3] s, \d in a row/,
      'reason tag',
    );
    check.matches(seen.notes.unit, /^ActiveState=active$/m, 'state of the unit that makes the session');
    check.matches(seen.notes.unit, /^StatusText=.*session-1/m, 'status of that unit');
    check.that(
      seen.dcvSessions.length >= 3 && seen.dcvSessions.length <= 6,
      `expected 3 to 6 sessions in the time, got ${seen.dcvSessions.length}`,
    );
    check.matches(
      seen.log('virtual_desktop'),
      /the end of \/var\/log\/dcv\/dcv-xsession\.ada\.session-1\.log\n(.*\n)*.*the lab ends this session/,
      'log of the phase',
    );
  },
});
