/** All that is measured as it grows, and how often at most: some takes long. */

import type { Growth } from './growth.ts';
import { alertsGrowth, connectionsGrowth } from './growth-load.ts';
import { decidingGrowth, rulesGrowth } from './growth-rules.ts';
import { sweepGrowth } from './growth-sweep.ts';
import type { MeasureContext } from './measure.ts';

/** @param folder where cancel-hook was built */
export async function* growths(
  folder: string,
  context: MeasureContext,
): AsyncIterable<readonly [Growth, number]> {
  yield [decidingGrowth(), 9];
  yield [rulesGrowth(folder, context), 3];
  yield [alertsGrowth(folder, context), 3];
  yield [connectionsGrowth(folder, context), 3];
  yield [await sweepGrowth(folder, context.core), 3];
}
