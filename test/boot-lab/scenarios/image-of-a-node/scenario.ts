import { DEB_LOGIN, RPM_DESKTOP, scenario, SECOND_INSTANCE, TWO_INSTANCES } from '../../scenario';

export default scenario({
  summary: 'an image made from a node that was ready: the instance of it bootstraps from the start and speaks for itself',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  verdict: 'ready',
  exempt: TWO_INSTANCES,
  play: async ({ machine, services }) => {
    await machine.run();
    await machine.powerOff();
    await services.change({ instance: { ...services.world.instance, id: SECOND_INSTANCE } });
    await machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    const once = (boot: number): string => `setup@${boot} setup_post_reboot@${boot} ${extra}@${boot} setup_user_customization@${boot}`;
    check.equal(seen.order, `${once(1)} ${once(2)}`, 'phases');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId} in boot ${signal.boot}`),
      ['SUCCESS i-0123456789abcdef0 in boot 1', `SUCCESS ${SECOND_INSTANCE} in boot 2`],
      'signals',
    );
    check.equal(
      seen.callsOf('ec2', 'CreateTags').map((call) => call.arguments['ResourceId.1']),
      ['i-0123456789abcdef0', SECOND_INSTANCE],
      'instances that were tagged',
    );
    check.equal(
      seen.callsOf('autoscaling').map((call) => call.arguments.InstanceId),
      kind === 'login' ? ['i-0123456789abcdef0', SECOND_INSTANCE] : [],
      'instances whose launch was completed',
    );
    const took = (seen.boots[1].end - seen.boots[1].start) / 1000;
    const { total, ...steps } = seen.phaseSeconds;
    const sum = Object.values(steps).reduce((all, seconds) => all + seconds, 0);
    check.that(sum <= total && total <= took, `expected the seconds of this instance alone, at most ${took}, got ${sum} of ${total}`);
    check.equal(new Set(seen.installed).size, seen.installed.length, 'packages that were installed more than once');
  },
});
