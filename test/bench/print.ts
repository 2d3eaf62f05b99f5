/** Tables of plain text. */

import type { Candidate } from './candidates.ts';
import { FIGURES } from './figures.ts';
import type { Grown } from './growth.ts';
import { ratios, type Summary, summarize } from './statistics.ts';
import type { Values, Verdict } from './thresholds.ts';

function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function spread({ low, high }: Summary, digits: number): string {
  return `${low.toFixed(digits)}–${high.toFixed(digits)}`;
}

/** A table for each figure that was measured: median, quartiles, and the ratio of pairs. */
export function figureTables(candidates: readonly Candidate[], values: Values): string {
  const tables = FIGURES.flatMap(({ key, title, digits }) => {
    const measured = candidates.filter((candidate) => values(candidate.key, key).length > 0);
    if (measured.length === 0) return [];
    const rows = measured.map((candidate) => {
      const own = values(candidate.key, key);
      const summary = summarize(own);
      const ratio = summarize(ratios(own, values('cancel-hook', key)));
      return [
        candidate.name,
        summary.median.toFixed(digits),
        spread(summary, digits),
        Number.isNaN(ratio.median) ? '' : `× ${ratio.median.toFixed(2)}`,
      ];
    });
    return [table([[title, 'median', 'quartiles', 'to cancel-hook'], ...rows])];
  });
  return tables.join('\n\n');
}

/** Of what was measured; empty where nothing was. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const measured = verdicts.filter(({ ratio }) => ratio);
  if (measured.length === 0) return '';
  const words = { target: 'target reached', limit: 'holds', missed: 'MISSED', 'not measured': '–' };
  return table([
    ['ratio of cancel-hook', 'median', 'quartiles', 'limit', 'target', ''],
    ...measured.map(({ says, sign, limit, target, ratio, met }) => [
      says,
      ratio?.median.toFixed(2) ?? '–',
      ratio ? spread(ratio, 2) : '–',
      `${sign} ${limit}`,
      `${sign} ${target}`,
      words[met],
    ]),
  ]);
}

/** Per size: the median, and its ratio to the smallest size. */
export function growthTable({ title, of, columns, rows }: Grown): string {
  const head = columns.flatMap((column) => [column.title, '×']);
  return table([
    [`${title}: ${of}`, ...head],
    ...rows.map(({ size, cells }) => [
      size.toLocaleString('en'),
      ...columns.flatMap(({ key, digits }) => [
        cells[key]?.median.toFixed(digits) ?? '',
        cells[key]?.ratio.toFixed(2) ?? '',
      ]),
    ]),
  ]);
}

/** Less of a core than this, and others have had the rest. */
export const ENOUGH = 0.85;

/** What a reader of the figures should doubt. */
export function findCaveats(candidates: readonly Candidate[], values: Values): string[] {
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const share = ownShare(values);
  const busy = share < ENOUGH;
  return [
    ...(busy
      ? [`The machine was busy: under load cancel-hook had ${percent(share)} of a core.`]
      : []),
    ...candidates.flatMap(({ key, name }) => {
      const most = Math.max(0, ...values(key, 'benchBusy'));
      if (most <= ENOUGH) return [];
      return [
        `The bench itself used ${percent(most)} of its core for ${name}: it may have held it up.`,
      ];
    }),
  ];
}

/** How much of a core cancel-hook had under load: near 1 on a machine with nothing else to do. */
export function ownShare(values: Values): number {
  return summarize(values('cancel-hook', 'subjectBusy')).median;
}
