/**
 * The known names that a mistyped one most probably means, nearest first.
 *
 * @internal
 */
export function nearestNames(mistyped: string, known: Iterable<string>, count = 3): string[] {
  const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const wanted = mistyped.toLowerCase();
  const limit = Math.max(2, Math.floor(mistyped.length / 3));
  const candidates = Array.from(known, (name) => {
    const distance = editDistance(wanted, name.toLowerCase(), limit + 1);
    // The right name under a wrong path is near, whatever the path.
    return { name, distance: lastPart(name) === lastPart(mistyped) ? Math.min(distance, 1) : distance };
  });
  const nearest = Math.min(...candidates.map(({ distance }) => distance));
  return candidates
    .filter(({ distance }) => distance <= Math.min(limit, nearest + 2))
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** Number of characters to insert, delete, replace or swap with their neighbour; not counted beyond the limit. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = previous[column - 1] + (left[row - 1] === right[column - 1] ? 0 : 1);
      current[column] = Math.min(previous[column] + 1, current[column - 1] + 1, replaced);
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) current[column] = Math.min(current[column], beforePrevious[column - 2] + 1);
    }
    beforePrevious = previous;
    previous = current;
  }
  return Math.min(previous[right.length], limit);
}
