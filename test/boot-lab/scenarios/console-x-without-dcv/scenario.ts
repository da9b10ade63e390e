import { DcvSessionType } from '../../../../lib';
import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a console session whose X does not admit DCV: the node fails with that, and not as ready with a black screen',
  runsOn: [RPM_DESKTOP],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE, configuration: { '/system/dcv/ready_seconds': 12 } }) },
  verdict: 'failed',
  play: async ({ machine }) => {
    machine.write('/var/lib/lab/desktop/x-without-dcv', '');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(
      seen.reason,
      /^phase virtual_desktop: the desktop is not ready after 12 s: the X server does not admit DCV \(SI:localuser:dcv is not in the list of xhost\)$/,
      'reason tag',
    );
  },
});
