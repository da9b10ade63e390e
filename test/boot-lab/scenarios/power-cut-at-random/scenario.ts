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
    for (let cut = 1; cut <= CUTS; cut++) {
      const seconds = random() * 4;
      let booting = true;
      // Counted from the download of the bundle in the first boot. Before that a cut may come between cloud-init's own
      // writes, and then cloud-init believes that it has run the user data, which it has not.
      lab.meanwhile(async () => {
        await (cut === 1 ? lab.call('s3') : lab.call('imds'));
        await sleep(seconds * 1000);
        if (booting) lab.machine.cut();
      });
      const boot = await lab.machine.run();
      booting = false;
      // The bootstrap was faster.
      if (boot.ended !== 'power cut') return;
      lab.cuts.push(`${seconds.toFixed(2)} s into the bootstrap`);
    }
    await lab.machine.run();
  },
  expect: (seen, check) => {
    check.that(seen.cuts.length > 0, 'the power never went');
    // A boot may also end with the reboot that the bootstrap asks for.
    const ends = seen.boots.map((boot) => boot.ended).filter((end) => end !== 'reboot');
    check.equal(ends, [...seen.cuts.map(() => 'power cut'), 'settled'], 'boots');
    if (check.failures.length > 0) check.failures.push(`seed ${SEED}: ${seen.cuts.join(', ')}`);
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
