import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the X authority file of the session comes late, and the server makes no pictures: waited for, to ready',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/var/lib/lab/desktop/authority-late', '3\n');
    machine.write('/var/lib/lab/desktop/no-screenshot', '');
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.log('virtual_desktop'), /waiting for the desktop: the X authority file .* is not there/, 'log of the phase');
    check.matches(seen.log('virtual_desktop'), /no picture of the session: Could not get the screenshot/, 'log of the phase');
    check.equal(seen.dcvSessions, ['session-1'], 'DCV sessions that were created');
    check.equal(
      seen.checks.map((step) => `${step.name}@${step.boot}`),
      ['virtual_desktop.check@1'],
      'checks',
    );
    // What has been stable in this boot is not waited for again.
    check.that(!seen.log('virtual_desktop.check').includes('waiting'), 'the last look at the desktop waited');
  },
});
