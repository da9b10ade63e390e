/** How many times slower than two idle cores this machine is taken to be: all limits of time are multiplied by it. */
export function patience(): number {
  const factor = Number(process.env.BOOT_LAB_PATIENCE ?? 1);
  if (!(factor >= 1)) throw new Error(`expected a number of at least 1 in BOOT_LAB_PATIENCE, got ${process.env.BOOT_LAB_PATIENCE}`);
  return factor;
}
