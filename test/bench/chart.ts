/** The chart of the figures: bars with their quartiles, in SVG, readable in light and in dark. */

import { FIGURES, type Figure } from './figures.ts';
import type { CandidateResult, Results } from './results.ts';

const SHOWN: readonly (readonly [key: string, says: string])[] = [
  ['start', 'Start to first cancelled operation (hello world: first answer); less is better'],
  ['cpu', 'CPU per cancel, warm (hello world: per answer); less is better'],
  ['rps', 'Requests per second on one core, 16 connections; more is better'],
];

const WIDTH = 840;
const LEFT = 292;
const BAR = 372;
const ROW = 26;
const HEAD = 40;
const GAP = 16;
/** A bar so much longer than the next is cut, or the others could not be descriptions apart. */
const LONGEST = 3;

const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 14px system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; fill: #1f2328 }
  .head, .own { font-weight: 600 }
  .note { font-size: 12px; fill: #57606a }
  .bar { fill: #afb8c1 } .bar.own { fill: #0969da }
  .spread { stroke: #1f2328; stroke-width: 1.5 } .cut { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #30363d }
    text { fill: #e6edf3 } .note { fill: #9198a1 }
    .bar { fill: #4d5560 } .bar.own { fill: #4493f8 }
    .spread { stroke: #e6edf3 } .cut { fill: #0d1117 }
  }`;

export function chart(results: Results): string {
  const panels = SHOWN.flatMap(([key, says]) => {
    const figure = FIGURES.find((one) => one.key === key);
    const candidates = results.candidates.filter((candidate) => candidate.figures[key]);
    return figure && candidates.length > 0 ? [{ figure, says, candidates }] : [];
  });
  const drawn: string[] = [];
  let y = GAP;
  for (const { figure, says, candidates } of panels) {
    drawn.push(text(GAP, y + 20, `${says}`, 'head'));
    drawn.push(...bars(figure, candidates, y + HEAD));
    y += HEAD + candidates.length * ROW + GAP;
  }
  drawn.push(text(GAP, y + 8, `${caption(results)}; bars: medians, lines: quartiles`, 'note'));
  const height = y + 24;
  const descriptions = panels.map(
    ({ figure, says, candidates }) => `${says}: ${words(figure, candidates)}.`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">cancel-hook beside its alternatives</title>`,
    `<desc id="desc">${escaped(descriptions.join(' '))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** When, on what, and by which command. */
export function caption({ date, cpu, cores, node, command }: Results): string {
  return `${date}, ${cpu.trim()}, ${cores} cores, Node ${node.replace(/^v/, '')}, ${command}`;
}

function bars({ key, unit, digits }: Figure, candidates: readonly CandidateResult[], top: number) {
  const medians = candidates.map(({ figures }) => figures[key]?.median ?? 0).sort((a, b) => b - a);
  const [most = 1, next = most] = medians;
  const scale = BAR / (most > LONGEST * next ? next * 1.25 : most);
  return candidates.flatMap(({ key: candidate, name, figures }, index) => {
    const figure = figures[key];
    if (!figure) return [];
    const y = top + index * ROW;
    const own = candidate === 'cancel-hook' ? ' own' : '';
    const width = Math.max(1, Math.min(figure.median * scale, BAR));
    const isCut = figure.median * scale > BAR + 1;
    const end = (value: number) => LEFT + Math.min(value * scale, BAR);
    const value = `${figure.median.toFixed(digits)} ${unit}`;
    const ratio = own ? '' : ` · × ${figure.ratio.toFixed(figure.ratio < 10 ? 2 : 0)}`;
    const label = isCut ? LEFT + BAR : Math.max(LEFT + width, end(figure.high));
    return [
      text(LEFT - 10, y + 15, short(name), own.trim(), 'end'),
      `<rect class="bar${own}" x="${LEFT}" y="${y + 2}" width="${round(width)}" height="${ROW - 8}" rx="2"/>`,
      isCut
        ? `<path class="cut" d="M${LEFT + BAR - 26} ${y} l8 0 l-8 ${ROW - 4} l-8 0 z"/>`
        : `<path class="spread" d="M${round(end(figure.low))} ${y + 11} H${round(end(figure.high))}"/>`,
      text(round(label) + 8, y + 15, `${value}${ratio}`, own.trim()),
    ];
  });
}

function words({ key, unit, digits }: Figure, candidates: readonly CandidateResult[]): string {
  return candidates
    .map(({ name, figures }) => `${name} ${figures[key]?.median.toFixed(digits)} ${unit}`)
    .join(', ');
}

const short = (name: string) => name.replace('@google-cloud/', '').replace(', no checks', '');
const round = (value: number) => Number(value.toFixed(1));

function text(x: number, y: number, content: string, style = '', anchor = 'start'): string {
  return `<text class="${style}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
