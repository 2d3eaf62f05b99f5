/** Maps many items with an asynchronous function, a few at a time. */

/**
 * @param concurrency the most calls of `mapper` that are pending at one time
 * @param mapper must not reject: a rejection leaves the other calls running
 * @returns the results in the order of `items`
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  concurrency: number,
  mapper: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  // All workers take from one iterator, so that items begin in their order.
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await mapper(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
