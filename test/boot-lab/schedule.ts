/** Beside the lanes, for what waits most of its time. */
const WAITING_LANES = 3;

/**
 * Works on items in several lanes, each taking the next one that is left. Those that mostly wait have lanes of their own, as
 * they would leave the processors idle. Results come in the order of the items.
 */
export async function inLanes<Item, Result>(
  lanes: number,
  items: readonly Item[],
  waits: (item: Item) => boolean,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const indexes = [...items.keys()];
  const lane = async (queue: number[]): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) results[index] = await work(items[index], index);
  };
  const spread = (queue: number[], most: number): Promise<void>[] =>
    Array.from({ length: Math.min(most, queue.length) }, async () => lane(queue));
  const working = indexes.filter((index) => !waits(items[index]));
  const waiting = indexes.filter((index) => waits(items[index]));
  await Promise.all([...spread(working, lanes), ...spread(waiting, WAITING_LANES)]);
  return results;
}
