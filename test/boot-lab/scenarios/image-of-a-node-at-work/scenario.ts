import { DEB_LOGIN, RPM_DESKTOP, scenario, SECOND_INSTANCE } from '../../scenario';

export default scenario({
  summary: "an image made from a node in the middle of its bootstrap: that node's unit leaves the instance of it to its own user data",
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  world: () => ({ faults: [{ on: 'packages:*', effect: { kind: 'hold' } }] }),
  verdict: 'ready',
  withinSeconds: 120,
  exempt: { 'one token a boot': 'two copies of stage 0 ask for one', 'one true verdict': 'another instance than that of the lab speaks' },
  play: async (lab) => {
    await lab.cutAt('during setup', () => lab.call('packages'));
    const { services } = lab;
    await services.change({
      instance: { ...services.world.instance, id: SECOND_INSTANCE },
      // So that the user data comes while the unit is still at work.
      faults: [{ on: 'imds:token', times: 4, effect: { kind: 'error', status: 503, code: 'Service Unavailable' } }],
    });
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup\.install@1!cut setup@2 .*setup_user_customization@2$/, 'phases');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId} in boot ${signal.boot}`),
      [`SUCCESS ${SECOND_INSTANCE} in boot 2`],
      'signals',
    );
    check.equal(
      seen.callsOf('ec2', 'CreateTags').map((call) => call.arguments['ResourceId.1']),
      [SECOND_INSTANCE],
      'instances that were tagged',
    );
    check.equal(
      seen.callsOf('imds', 'token').filter((call) => call.boot === 2 && call.status === 200).length,
      2,
      'tokens of the second boot',
    );
  },
});
