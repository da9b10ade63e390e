import { DEB_DESKTOP, RPM_DESKTOP, scenario, STALE } from '../../scenario';

export default scenario({
  summary: 'an image whose first phase was another, and that has an install which is no more: only the changed one is installed again',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  image: {},
  input: { node: () => ({ packages: ['nano'] }) },
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.notes.baked, '0', 'exit status of the runner that installed');
    check.equal(seen.installs, 'setup@1 virtual_desktop@1 setup_user_customization@1 setup@2', 'installs');
    check.equal(seen.log('runner').split(STALE).length - 1, 1, 'installs that the image is said to have in another version');
    check.matches(seen.log('runner'), new RegExp(`WARNING phase setup: ${STALE}`), 'log of the runner');
    const told = Object.keys(seen.phaseSeconds).filter((step) => step.endsWith('.install'));
    check.equal(told, ['setup.install'], 'installs whose seconds are told');
    check.equal(seen.installed.filter((name) => name === 'nano').length, 1, 'times that the new package was installed');
    check.equal(
      seen.lines('/var/lib/cluster-node-image/manifest').map((line) => line.split(' ')[0]),
      ['virtual_desktop', 'setup_user_customization'],
      'what an image of this node would be said to have',
    );
  },
});
