/** The README's figures, between two markers: tables and the chart, out of what is stored. */

import { caption } from './chart.ts';
import { FIGURES } from './figures.ts';
import type { Grown } from './growth.ts';
import { ENOUGH } from './print.ts';
import type { Results } from './results.ts';
import type { Verdict } from './thresholds.ts';

const BEGIN = '<!-- npm run bench writes what stands from here -->';
const END = '<!-- to here -->';
const COLUMNS = ['start', 'cpu', 'rps', 'p50at1', 'p99at80', 'memory'];

/** @throws Error where the markers are missing */
export function withFigures(readme: string, results: Results | undefined): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the README has no place for the figures');
  return `${readme.slice(0, begin + BEGIN.length)}\n${section(results)}${readme.slice(end)}`;
}

export function section(results: Results | undefined): string {
  if (!results) return '\nNo full run has been stored yet.\n\n';
  const left = results.subjects.filter(({ missing }) => missing);
  return [
    '![Bars: cancel-hook beside its alternatives; the tables below hold the same figures](test/bench/results/chart.svg)',
    `Measured ${caption(results)}: medians of ${results.rounds} rounds in which all take turns, ` +
      `${results.pinned ? 'each alone on one core' : 'all on one core'}; with the quartiles in ` +
      '`test/bench/results/latest.json`.',
    ...(results.share < ENOUGH
      ? ['The machine was busy with other work: take the ratios alone.']
      : []),
    ...left.map(({ name, missing }) => `Left out: ${name}, for ${missing}.`),
    figureTable(results),
    verdictTable(results.verdicts),
    growthTable(results.growth),
    '',
  ].join('\n\n');
}

function figureTable({ subjects }: Results): string {
  const figures = COLUMNS.flatMap((key) => FIGURES.find((one) => one.key === key) ?? []);
  return markdown([
    ['', ...figures.map(({ title }) => title)],
    ...subjects
      .filter(({ missing }) => !missing)
      .map((subject) => [
        subject.name,
        ...figures.map(({ key, digits }) => subject.figures[key]?.median.toFixed(digits) ?? ''),
      ]),
  ]);
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const words = { aim: 'aim reached', must: 'holds', missed: 'missed', 'not measured': '' };
  return markdown([
    ['cancel-hook’s ratio (median of pairs)', '', 'quartiles', 'must', 'aim', ''],
    ...verdicts.map(({ says, sign, must, aim, ratio, met }) => [
      says,
      ratio?.median.toFixed(2) ?? '',
      ratio ? `${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}` : '',
      `${sign} ${must}`,
      `${sign} ${aim}`,
      words[met],
    ]),
  ]);
}

/** The main figure of each at its first and its last size, and the ratio of these. */
function growthTable(growth: readonly Grown[]): string {
  const rows = growth.flatMap(({ title, of, columns: [main], rows }) => {
    const [first, last] = [rows[0], rows.at(-1)];
    if (!main || !first || !last) return [];
    const [from, to] = [first.cells[main.key], last.cells[main.key]];
    return [
      [
        title,
        `${first.size} → ${last.size.toLocaleString('en')} ${of}`,
        main.title,
        `${from?.median.toFixed(main.digits)} → ${to?.median.toFixed(main.digits)}`,
        `× ${to?.ratio.toFixed(2)}`,
      ],
    ];
  });
  return markdown([['cancel-hook as it grows', '', '', 'median', 'ratio'], ...rows]);
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
