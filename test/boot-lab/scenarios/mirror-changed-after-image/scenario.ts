import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'an image that was made with another mirror: nothing is installed again',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  image: {},
  input: { node: () => ({ configuration: { '/system/dcv/url': 'https://mirror.example/dcv.tgz' } }) },
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.installs, 'setup@1 virtual_desktop@1', 'installs');
  },
});
