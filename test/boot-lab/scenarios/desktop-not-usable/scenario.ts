import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the session is there and its screen stays black, or its X authority file never comes: the node fails with what it is',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: () => ({ configuration: { '/system/dcv/ready_seconds': 10 } }) },
  verdict: 'failed',
  play: async ({ machine, run }) => {
    machine.write(`/var/lib/lab/desktop/${run.variant.family === 'rpm' ? 'one-colour' : 'no-authority'}`, '');
    await machine.run();
  },
  expect: (seen, check, { family }) => {
    check.matches(
      seen.reason,
      family === 'rpm'
        ? /^phase virtual_desktop: the desktop is not ready after 10 s: the screen of the session session-1 is of one colour$/
        : /^phase virtual_desktop: .*: the X authority file \/run\/boot-lab-dcv\/session-1\.xauth of the session session-1 is not there$/,
      'reason tag',
    );
    check.equal(seen.dcvSessions, ['session-1'], 'DCV sessions that were created');
  },
});
