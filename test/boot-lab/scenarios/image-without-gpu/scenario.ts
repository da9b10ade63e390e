import { RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'an image that was made without a GPU, on a node that has one: it installs what it lacks',
  runsOn: [RPM_DESKTOP],
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    lab.addGpu();
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.equal(seen.installs, 'setup@1 virtual_desktop@1 virtual_desktop@2', 'installs');
    check.equal(seen.installed.filter((name) => name === 'nice-dcv-gl').length, 1, 'times that GPU sharing was installed');
    check.equal(seen.installed.filter((name) => name === 'nice-dcv-server').length, 1, 'times that the server was installed');
  },
});
