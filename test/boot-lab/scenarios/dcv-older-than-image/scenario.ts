import { PACKAGE_LIST } from '../../image/package-repositories';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'an image with a newer DCV server than the node is to have: the node goes back',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { dcvVersion: PACKAGE_LIST.dcv.olderVersion },
  image: {},
  verdict: 'ready',
  exempt: { 'phases in order': 'the installs run when the image is made' },
  play: async (lab) => {
    await lab.bake();
    await lab.machine.run();
    const query = lab.run.variant.family === 'rpm' ? ['rpm', '-q', '--qf', '%{VERSION}'] : ['dpkg-query', '-W', '-f', '${Version}'];
    for (const name of ['nice-dcv-server', 'nice-xdcv']) lab.notes[name] = (await lab.machine.inside(...query, name)).output;
  },
  expect: (seen, check) => {
    check.equal(seen.installs, 'setup@1 virtual_desktop@1 virtual_desktop@2', 'installs');
    const wanted = PACKAGE_LIST.dcv.olderVersion.replace('-', '.');
    for (const name of ['nice-dcv-server', 'nice-xdcv']) check.equal(seen.notes[name].replace(/-1$/, ''), wanted, `version of ${name}`);
  },
});
