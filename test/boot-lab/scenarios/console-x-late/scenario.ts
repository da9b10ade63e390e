import { DcvSessionType } from '../../../../lib';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a console session whose X admits DCV late, in the first boot and in a later one: the server starts after that',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE }) },
  verdict: 'ready',
  play: async (lab) => {
    lab.machine.write('/var/lib/lab/desktop/x-admits-late', '4\n');
    await lab.machine.run();
    await lab.machine.powerOff();
    await lab.machine.run();
    lab.notes.sessions = (await lab.machine.inside('dcv', 'list-sessions')).output.trim();
  },
  expect: (seen, check) => {
    check.equal(seen.notes.sessions, 'console', 'sessions in the second boot');
    // The server has made it by itself, which it does when it starts and X lets it in.
    check.equal(
      seen.commands.filter((command) => command.startsWith('dcv create-session')),
      [],
      'DCV sessions that were created',
    );
  },
});
