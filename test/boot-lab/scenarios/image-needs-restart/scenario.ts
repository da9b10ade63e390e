import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'an install that asks for a restart while an image is made: the maker is told, and goes on after it',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    await lab.machine.run();
  },
  expect: (seen, check, { kind }) => {
    check.equal(seen.notes.baked, '194 0', 'exit statuses of the runner that installed');
    check.equal(seen.installs, `setup@1 ${kind === 'desktop' ? 'virtual_desktop' : 'login_node'}@1`, 'installs');
  },
});
