import { checkOwnTime, checkRequests } from '../../boot-gate';
import { ownTime } from '../../own-time';
import { DEB_DESKTOP, DEB_LOGIN, RPM_DESKTOP, scenario, SECOND_INSTANCE, STALE, TWO_INSTANCES } from '../../scenario';

/** What a node needs, and a tenth more; a desktop looks at its session once or twice more on a slow machine. */
const PROCESSES = { desktop: 1060, login: 555 };

export default scenario({
  summary: 'a node, and one of an image that has its installs: that asks for no package, downloads nothing, and is quick',
  smoke: [RPM_DESKTOP, DEB_DESKTOP, DEB_LOGIN],
  verdict: 'ready',
  exempt: TWO_INSTANCES,
  play: async (lab) => {
    const { machine, services } = lab;
    await machine.run();
    await machine.powerOff();
    machine.disk.renew();
    await services.change({ instance: { ...services.world.instance, id: SECOND_INSTANCE } });
    await lab.bake();
    await machine.run();
  },
  expect: (seen, check, { kind }) => {
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    const phases = (boot: number): string => `setup@${boot} setup_post_reboot@${boot} ${extra}@${boot} setup_user_customization@${boot}`;
    check.equal(seen.notes.baked, '0', 'exit status of the runner that installed');
    check.equal(seen.installs, `setup@1 ${extra}@1 setup@2 ${extra}@2`, 'installs');
    check.equal(seen.order, `${phases(1)} ${phases(3)}`, 'phases');
    const said = seen.calls.filter(
      ({ boot, service, caller }) => boot === 2 && caller === 'bootstrap' && ['ec2', 'cloudformation', 's3'].includes(service),
    );
    check.equal(said.length, 0, 'calls of AWS while the image was made');
    check.equal(
      seen.lines('/var/lib/cluster-node-image/manifest').map((line) => line.split(' ')[0]),
      ['setup', extra],
      'manifest',
    );
    const told = Object.keys(seen.phaseSeconds).filter((step) => step.endsWith('.install'));
    check.equal(told, [], 'installs whose seconds the node of the image tells');
    check.that(!seen.log('runner').includes(STALE), 'the image is said to be stale');
    checkRequests(seen, check, 1, 3);
    checkOwnTime(check, ownTime(seen, 1), ownTime(seen, 3), { seconds: 5, processes: PROCESSES[kind], ratio: 0.9 });
  },
});
