/** Draws what is stored into the chart and the README; `node test/bench/publish.ts` does it again. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { root } from './pack.ts';
import { withFigures } from './readme.ts';
import { CHART, storedResults } from './results.ts';

export function publish(): void {
  const results = storedResults();
  const readme = join(root, 'README.md');
  if (results) writeFileSync(CHART, chart(results));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), results));
}

if (import.meta.main) publish();
