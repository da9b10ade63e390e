import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary:
    'the first version of a launch template after the stack was updated to other scripts and another role policy: ready, with its own',
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  image: {},
  verdict: 'ready',
  play: async (lab) => {
    await lab.update();
    lab.notes.bundles = lab.services.world.objects.map(({ key }) => key).join(' ');
    await lab.machine.run();
  },
  expect: (seen, check) => {
    const [first, second] = seen.notes.bundles.split(' ');
    check.that(second !== undefined && second !== first, 'the update brought another bundle');
    check.equal(
      seen.callsOf('s3').map((call) => `${call.arguments.key} ${call.status}`),
      [`${first} 200`],
      'objects that were read',
    );
    check.that(!(seen.log('setup_user_customization') ?? '').includes('a later deployment'), 'the scripts are those of the first version');
  },
});
