/** The figures of the README and of test/bench/README.md, written between two markers from the stored results. */

import { caption } from './chart.ts';
import { FIGURES } from './figures.ts';
import type { Grown } from './growth.ts';
import { ENOUGH } from './print.ts';
import type { CandidateResult, Results } from './results.ts';
import type { Verdict } from './thresholds.ts';

const BEGIN = '<!-- npm run bench writes what stands from here -->';
const END = '<!-- to here -->';
/** The rows and the columns of the README's table. */
const SHOWN = ['cancel-hook', 'hello', 'obvious', 'client', 'proxy'];
const SHOWN_COLUMNS = ['start', 'cpu', 'rps', 'memory'];
const COLUMNS = ['start', 'cpu', 'rps', 'p50at1', 'p99at80', 'memory'];
const NOTHING = '\nNo full run has been stored yet.\n\n';

/**
 * Replaces what stands between the markers of a page.
 *
 * @throws Error where the markers are missing
 */
export function withFigures(page: string, figures: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the page has no place for the figures');
  return `${page.slice(0, begin + BEGIN.length)}\n${figures}${page.slice(end)}`;
}

/** Returns the README's figures: the chart and one row per candidate. */
export function summary(results: Results | undefined): string {
  if (!results) return NOTHING;
  const rows = results.candidates.filter(({ key }) => SHOWN.includes(key));
  return paragraphs([
    image('test/bench/results/chart.svg'),
    `Measured ${caption(results)}; medians of ${results.rounds} rounds.`,
    figureTable(rows, SHOWN_COLUMNS),
  ]);
}

/** Returns all figures, for test/bench/README.md. */
export function fullReport(results: Results | undefined): string {
  if (!results) return NOTHING;
  return paragraphs([
    image('results/chart.svg'),
    `Measured ${caption(results)}: medians of ${results.rounds} rounds in which the candidates take turns, ` +
      `${results.pinned ? 'each alone on one core' : 'all on one core'}. The quartiles are in ` +
      '`test/bench/results/latest.json`.',
    ...(results.share < ENOUGH
      ? ['The machine was busy with other work: use only the ratios.']
      : []),
    ...results.candidates
      .filter(({ missing }) => missing)
      .map(({ name, missing }) => `Left out: ${name}, because of ${missing}.`),
    figureTable(results.candidates, COLUMNS),
    verdictTable(results.verdicts),
    growthTable(results.growth),
  ]);
}

function paragraphs(texts: readonly string[]): string {
  return `\n${texts.join('\n\n')}\n\n`;
}

function image(path: string): string {
  return `![Bar chart: cancel-hook and its alternatives; the table has the same figures](${path})`;
}

function figureTable(candidates: readonly CandidateResult[], columns: readonly string[]): string {
  const figures = columns.flatMap((key) => FIGURES.find((one) => one.key === key) ?? []);
  return markdown([
    ['', ...figures.map(({ title }) => title)],
    ...candidates
      .filter(({ missing }) => !missing)
      .map((candidate) => [
        candidate.name,
        ...figures.map(({ key, digits }) => candidate.figures[key]?.median.toFixed(digits) ?? ''),
      ]),
  ]);
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const words = { target: 'target reached', limit: 'holds', missed: 'missed', 'not measured': '' };
  return markdown([
    ['cancel-hook’s ratio (median of pairs)', '', 'quartiles', 'limit', 'target', ''],
    ...verdicts.map(({ says, sign, limit, target, ratio, met }) => [
      says,
      ratio?.median.toFixed(2) ?? '',
      ratio ? `${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}` : '',
      `${sign} ${limit}`,
      `${sign} ${target}`,
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
