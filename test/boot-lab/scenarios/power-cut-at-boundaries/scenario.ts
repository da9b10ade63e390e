import { expectedPhases } from '../../invariants';
import { DEB_LOGIN, RPM_DESKTOP, scenario, Variant } from '../../scenario';

export default scenario({
  summary: 'the power goes in stage 0 and at the beginning and the end of every phase: each time the next boot goes on, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  // Power cuts count as reboots.
  input: { node: () => ({ packages: ['linux-firmware'], maxReboots: 20 }) },
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 200,
  play: async (lab) => {
    for (const { name, file } of momentsOf(lab.run.variant)) await lab.cutAt(name, file === undefined ? () => lab.call('s3') : { file });
    await lab.machine.run();
  },
  expect: (seen, check, variant) => {
    const moments = momentsOf(variant);
    check.equal(
      seen.cuts,
      moments.map(({ name }) => name),
      'power cuts',
    );
    check.equal(
      seen.boots.map((boot) => boot.ended),
      [...moments.map(() => 'power cut'), 'settled'],
      'boots',
    );
    // The boot whose power goes at its beginning, and the one after it.
    expectedPhases(seen).forEach((phase, index) => {
      const boots = seen.phases.filter(({ name }) => name === phase).map(({ boot }) => boot);
      check.that(boots.includes(2 + 2 * index), `the power did not go in ${phase}, which ran in boots ${boots.join(', ')}`);
    });
  },
});

/** The bundle, and the beginning and end of each phase. */
function momentsOf(variant: Variant): readonly { readonly name: string; readonly file?: string }[] {
  const phases = ['setup', 'setup_post_reboot', variant.kind === 'desktop' ? 'virtual_desktop' : 'login_node', 'setup_user_customization'];
  return [
    { name: 'the bundle was asked for' },
    ...phases.flatMap((phase) => [
      { name: `beginning of ${phase}`, file: `/var/log/cluster-node/${phase}.log` },
      { name: `end of ${phase}`, file: `/var/lib/cluster-node/phases/${phase}.done` },
    ]),
  ];
}
