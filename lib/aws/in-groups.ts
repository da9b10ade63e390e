const GROUP_SIZE = 4;

/** Maps a few at a time: many requests at once would be throttled. @internal */
export async function inGroups<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += GROUP_SIZE) {
    results.push(...(await Promise.all(items.slice(start, start + GROUP_SIZE).map(map))));
  }
  return results;
}
