import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the power goes while the metadata service still refuses a token: the next boot goes on, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  world: () => ({ faults: [{ on: 'imds:token', effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }] }),
  verdict: 'ready',
  withinSeconds: 120,
  play: async (lab) => {
    await lab.cutAt('no token', () => lab.call('imds', 'token'));
    await lab.services.change({ faults: [] });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@2 .*setup_user_customization@2$/, 'phases');
    check.equal(
      seen.signals.map((signal) => signal.boot),
      [2],
      'boot of the signal',
    );
  },
});
