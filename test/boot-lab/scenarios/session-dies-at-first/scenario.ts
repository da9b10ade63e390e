import { DEB_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'two sessions end a second after they were created: the third one stays, and only then the desktop is ready',
  runsOn: [DEB_DESKTOP],
  verdict: 'ready',
  play: async ({ machine }) => {
    machine.write('/var/lib/lab/desktop/sessions-die', '2\n');
    await machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.dcvSessions, ['session-1', 'session-1', 'session-1'], 'DCV sessions that were created');
    check.matches(seen.machine.read('/var/lib/lab/desktop/sessions-die'), /^0$/m, 'sessions that are still to die');
    check.matches(seen.log('virtual_desktop'), /2 in a row; the next one in 4 s/, 'log of the phase');
  },
});
