import { Misbehaviour } from '../../check';
import { BUILDER_ID } from '../../lab';
import { CODE_FOLDER } from '../../observation';
import { DEB_LOGIN, RPM_DESKTOP, scenario, SECOND_INSTANCE, TWO_INSTANCES } from '../../scenario';
import { BUILDER_NAME, identityOf, leaveTraces, seal, searchImage } from '../../sealing';

const SECRET = 'bakers-secret';
/** The seal, twice, and the agent and the network behind it. */
const SEALED = 'first 0, second 0, active, its state is there, 1';

export default scenario({
  summary:
    'a sealed image has nothing of the machine that it was made of, and two machines of it have nothing in common that they must not',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  disk: { kind: 'journalled' },
  verdict: 'ready',
  exempt: TWO_INSTANCES,
  play: async (lab) => {
    const { machine, notes, run, services } = lab;
    const { family, kind } = run.variant;
    const enabled = async (): Promise<string> =>
      (await machine.inside('systemctl', 'list-unit-files', '--state=enabled', '--plain', '--no-legend')).output;
    let ofBuilder: Record<string, string> = {};
    await lab.bake({ VALUE_CONFIGURATION_HTTP_PROXY: `http://builder:${SECRET}@proxy.lab.test:3128` }, async () => {
      await leaveTraces(lab, family);
      const { 'machine-id': id = '', ...keys } = identityOf(lab, kind === 'desktop');
      ofBuilder = { 'its instance id': BUILDER_ID, 'its name': BUILDER_NAME, 'its proxy': SECRET, 'its machine-id': id.trim() };
      for (const [name, key] of Object.entries(keys))
        ofBuilder[`its ${name}`] = (key ?? '').split(/[\s]+/).sort((a, b) => b.length - a.length)[0];
      notes.enabledOnBuilder = await enabled();
      await seal(lab, `${CODE_FOLDER}/seal.sh`);
    });
    if (notes.sealed !== SEALED) throw new Misbehaviour(`seal, twice: expected ${SEALED}, got ${notes.sealed}`);
    searchImage(lab, machine.disk.makeImage(), family, ofBuilder);
    await machine.run();
    notes.first = JSON.stringify(identityOf(lab, kind === 'desktop'));
    notes.enabledOnFirst = await enabled();
    await machine.powerOff();
    machine.disk.startFromImage();
    await services.change({ instance: { ...services.world.instance, id: SECOND_INSTANCE } });
    await machine.run();
    notes.second = JSON.stringify(identityOf(lab, kind === 'desktop'));
    notes.enabledOnSecond = await enabled();
    const { status, stderr } = await machine.service(`bash ${CODE_FOLDER}/seal.sh`);
    notes.ofNode = `${status} ${stderr.trim()}`;
    notes.secondAfter = JSON.stringify(identityOf(lab, kind === 'desktop'));
  },
  expect: (seen, check, { kind, family }) => {
    const { notes } = seen;
    check.equal(notes.baked, '0', 'exit status of the runner that installed');
    const extra = kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    const once = (boot: number): string => `setup@${boot} setup_post_reboot@${boot} ${extra}@${boot} setup_user_customization@${boot}`;
    check.equal(seen.installs, `setup@1 ${extra}@1`, 'installs');
    check.equal(seen.order, `${once(2)} ${once(3)}`, 'phases');
    check.equal(
      seen.signals.map((signal) => `${signal.status} ${signal.uniqueId}`),
      ['SUCCESS i-0123456789abcdef0', `SUCCESS ${SECOND_INSTANCE}`],
      'signals',
    );
    const fetched = seen.calls.filter(({ boot, service }) => boot > 1 && ['packages', 'downloads'].includes(service));
    check.equal(
      fetched.map(({ boot, service, operation }) => `${boot} ${service} ${operation}`),
      [],
      'packages and downloads of the two machines',
    );
    const first = JSON.parse(notes.first) as Record<string, string | undefined>;
    const second = JSON.parse(notes.second) as Record<string, string | undefined>;
    for (const [name, value] of Object.entries(first)) {
      check.that(value !== undefined && value !== '' && second[name] !== undefined, `a machine has no ${name}`);
      check.that(value !== second[name], `both machines have the same ${name}`);
    }
    check.matches(notes.ofNode, /^1 expected a machine that has the installs alone/, 'seal of a node');
    check.equal(notes.secondAfter, notes.second, 'the second machine behind it');
    for (const which of ['First', 'Second']) {
      const units = (text: string): readonly string[] =>
        text.split('\n').filter((line) => !/^(cluster-node|dcvserver|gdm|chrony|ssh)/.test(line));
      check.equal(units(notes[`enabledOn${which}`]), units(notes.enabledOnBuilder), `units that start, ${which}`);
    }
    check.equal(
      family === 'deb' ? seen.machine.read('/etc/iscsi/initiatorname.iscsi') : undefined,
      family === 'deb' ? 'GenerateName=yes\n' : undefined,
      'name of the iSCSI initiator',
    );
  },
});
