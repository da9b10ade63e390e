import { setTimeout as sleep } from 'node:timers/promises';
import { DEB_DESKTOP, RPM_LOGIN, scenario } from '../../scenario';

const SEED = Number(process.env.BOOT_LAB_SEED ?? 20260101);
const CUTS = 5;

export default scenario({
  summary: `the power goes ${CUTS} times at random moments (BOOT_LAB_SEED, ${SEED} without it), then never again: ready`,
  runsOn: [DEB_DESKTOP, RPM_LOGIN],
  // Power cuts count as reboots.
  input: { node: () => ({ packages: ['linux-firmware'], maxReboots: 20 }) },
  disk: { kind: 'journalled' },
  verdict: 'ready',
  withinSeconds: 200,
  play: async (lab) => {
    const random = generator(SEED + lab.run.variant.kind.length);
    for (let cut = 0; cut < CUTS; cut++) {
      const seconds = random() * 4;
      // Counted from the download of the bundle in the first boot. Before that a cut may come between cloud-init's own
      // writes, and then cloud-init believes that it has run the user data, which it has not.
      await lab.cutAt(async () => {
        await (cut === 0 ? lab.call('s3') : lab.call('imds'));
        await sleep(seconds * 1000);
      });
      lab.notes[`cut ${cut + 1}`] = `${seconds.toFixed(2)} s into the bootstrap`;
      if (lab.machine.read('/var/lib/cluster-node/result') !== undefined) break;
    }
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.that(
      seen.boots.some((boot) => boot.ended === 'power cut'),
      'the power never went',
    );
    if (check.failures.length > 0) check.failures.push(`seed ${SEED}: ${JSON.stringify(seen.notes)}`);
  },
});

/** Mulberry32: the same moments for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
