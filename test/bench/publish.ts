/** Writes the chart and the figures of both pages from the stored results: `node test/bench/publish.ts`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { root } from './pack.ts';
import { fullReport, summary, withFigures } from './readme.ts';
import { CHART, type Results, storedResults } from './results.ts';

/** Page, from the project's root, to its figures. */
export const PAGES: Readonly<Record<string, (results: Results | undefined) => string>> = {
  'README.md': summary,
  'test/bench/README.md': fullReport,
};

export function publish(): void {
  const results = storedResults();
  if (results) writeFileSync(CHART, chart(results));
  for (const [page, figures] of Object.entries(PAGES)) {
    const path = join(root, page);
    writeFileSync(path, withFigures(readFileSync(path, 'utf8'), figures(results)));
  }
}

if (import.meta.main) publish();
