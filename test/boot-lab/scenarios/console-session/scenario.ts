import { DcvSessionType } from '../../../../lib';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a desktop with a console session: display manager and dummy display, no session of its own',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE }) },
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(
      seen.commands.filter((command) => command.startsWith('dcv create-session')),
      [],
      'DCV sessions that were created',
    );
    check.that(seen.live?.activeUnits.includes('gdm.service') === true, 'the display manager does not run');
    check.matches(seen.machine.read('/etc/dcv/dcv.conf'), /^create-session=true$/m, 'configuration of DCV');
  },
});
