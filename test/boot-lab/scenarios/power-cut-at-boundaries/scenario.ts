import { DEB_LOGIN, RPM_DESKTOP, scenario, stepsOf, Variant } from '../../scenario';

export default scenario({
  summary: 'the power goes in stage 0 and at the beginning and the end of every phase: each time the next boot goes on, to ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  // Power cuts count as reboots.
  input: { node: () => ({ packages: ['linux-firmware'], maxReboots: 20 }) },
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 200,
  play: async (lab) => {
    for (const { name, file, done } of momentsOf(lab.run.variant)) {
      // The cut before may have come when the phase was already over.
      if (done !== undefined && lab.machine.has(done)) continue;
      await lab.cutAt(name, file === undefined ? () => lab.call('s3') : { file });
    }
    await lab.machine.run();
  },
  expect: (seen, check, variant) => {
    const names = momentsOf(variant).map(({ name }) => name);
    check.equal(
      seen.cuts,
      names.filter((name) => seen.cuts.includes(name)),
      'power cuts',
    );
    // A phase of few milliseconds may be over before the power is.
    const spared = stepsOf(variant).filter((step) => !seen.cuts.some((name) => name.endsWith(` of ${step}`)));
    check.equal(spared, [], 'steps in which the power did not go');
    // What had not reached the disk is done again, also the reboot after setup.
    const ends = seen.boots.map((boot) => boot.ended).filter((end) => end !== 'reboot');
    check.equal(ends, [...seen.cuts.map(() => 'power cut'), 'settled'], 'boots');
    check.that(seen.boots.length - ends.length <= 1, `expected one reboot at most, got ${seen.boots.length - ends.length}`);
  },
});

/** The bundle, and the beginning and end of each install and phase. */
function momentsOf(variant: Variant): readonly { readonly name: string; readonly file?: string; readonly done?: string }[] {
  return [
    { name: 'the bundle was asked for' },
    ...stepsOf(variant).flatMap((step) => {
      const done = `/var/lib/cluster-node/phases/${step}.done`;
      return [
        { name: `beginning of ${step}`, file: `/var/log/cluster-node/${step}.log`, done },
        { name: `end of ${step}`, file: done, done },
      ];
    }),
  ];
}
