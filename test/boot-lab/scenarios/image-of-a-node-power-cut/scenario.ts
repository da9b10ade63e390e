import { DEB_LOGIN, RPM_DESKTOP, scenario, SECOND_INSTANCE, TWO_INSTANCES } from '../../scenario';

export default scenario({
  summary:
    "an image made from a node that was ready, and the power goes before its instance has the bundle: the instance's own unit goes on",
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 200,
  exempt: TWO_INSTANCES,
  play: async (lab) => {
    const { machine, services } = lab;
    await machine.run();
    await machine.powerOff();
    await services.change({
      instance: { ...services.world.instance, id: SECOND_INSTANCE },
      faults: [{ on: 'imds:token', effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }],
    });
    await lab.cutAt('no token', () => lab.call('imds', 'token'));
    await services.change({ faults: [] });
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@1 setup@3 .*setup_user_customization@3$/, 'phases');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId} in boot ${signal.boot}`),
      ['SUCCESS i-0123456789abcdef0 in boot 1', `SUCCESS ${SECOND_INSTANCE} in boot 3`],
      'signals',
    );
  },
});
