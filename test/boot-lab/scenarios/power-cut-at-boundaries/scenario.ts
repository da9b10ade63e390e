import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'the power goes in stage 0 and at the beginning and the end of every phase: each time the next boot goes on, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  // Power cuts count as reboots.
  input: { node: () => ({ packages: ['linux-firmware'], maxReboots: 20 }) },
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 200,
  play: async (lab) => {
    const extra = lab.run.variant.kind === 'desktop' ? 'virtual_desktop' : 'login_node';
    await lab.cutAt(async () => void (await lab.call('s3')));
    for (const phase of ['setup', 'setup_post_reboot', extra, 'setup_user_customization']) {
      await lab.cutAt(() => lab.file(`/var/log/cluster-node/${phase}.log`));
      await lab.cutAt(() => lab.file(`/var/lib/cluster-node/phases/${phase}.done`));
    }
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.that(seen.boots.filter((boot) => boot.ended === 'power cut').length >= 5, 'the power went too seldom');
    check.equal(seen.boots.at(-1)?.ended, 'settled', 'last boot');
  },
});
