/**
 * What a run needs of the host: processors, almost nothing because it waits most of its time, or the virtual terminals. Of those
 * there is one set: a display manager that switches to another terminal switches it for all machines, and the others show
 * their login screens.
 */
export type Lane = 'processors' | 'waiting' | 'terminals';

/** Beside the lanes of those that need processors. */
const OTHER_LANES = { waiting: 3, terminals: 1 };

/**
 * Works on items in several lanes, each taking the next one that is left. Those that mostly wait have lanes of their own, as
 * they would leave the processors idle. Results come in the order of the items.
 */
export async function inLanes<Item, Result>(
  processors: number,
  items: readonly Item[],
  laneOf: (item: Item) => Lane,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const lane = async (queue: number[]): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) results[index] = await work(items[index], index);
  };
  await Promise.all(
    Object.entries({ processors, ...OTHER_LANES }).flatMap(([name, most]) => {
      const queue = [...items.keys()].filter((index) => laneOf(items[index]) === name);
      return Array.from({ length: Math.min(most, queue.length) }, async () => lane(queue));
    }),
  );
  return results;
}
