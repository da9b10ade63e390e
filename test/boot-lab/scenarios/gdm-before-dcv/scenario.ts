import { DcvSessionType } from '../../../../lib';
import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'a login screen that is up before DCV is installed: the display manager starts again, so that X admits DCV',
  runsOn: [DEB_DESKTOP],
  input: { node: () => ({ sessionType: DcvSessionType.CONSOLE, packages: ['gdm3'], configuration: { '/system/dcv/ready_seconds': 30 } }) },
  verdict: 'ready',
  expect: (seen, check) => {
    check.equal(seen.installed.indexOf('gdm3') < seen.installed.indexOf('nice-dcv-server'), true, 'gdm3 was installed before DCV');
    const [boot] = seen.boots;
    const starts = seen.trace(boot).running((args) => args.includes('/usr/lib/boot-lab/gdm')).length;
    check.that(starts >= 2, `the display manager was started ${starts} times`);
  },
});
