/** One webhook and what came of it: four panes, side by side. */

import { byId, code, element, pretty } from './dom.js';

export function showResult(fired) {
  byId('panes').hidden = false;
  const verdict = byId('verdict');
  verdict.className = 'verdict';
  verdict.replaceChildren(...verdictOf(fired));
  byId('sent').replaceChildren(...sentParts(fired));
  byId('answer').replaceChildren(...answerParts(fired));
  byId('line').replaceChildren(...lineParts(fired));
  byId('rule').replaceChildren(...ruleParts(fired));
}

/** `200 CANCELLED`, or why there is nothing of the kind. */
export function summaryOf({ answer, failure, line }) {
  if (!answer) return failure ?? 'waiting …';
  const word = answer.headers['cancel-outcome'] ?? line?.error ?? line?.outcome ?? countOf(line);
  return `${answer.status} ${word}`.trim();
}

/** Of an alert or a sweep, whose line begins with the caller: how many came to what. */
function countOf(line) {
  return line?.operations ? line.message.slice(line.caller.length + 1) : '';
}

export function statusChip(fired) {
  const { answer, failure, line } = fired;
  const good = answer && answer.status < 400 && !line?.error;
  const kind = answer || failure ? (good ? 'good' : 'bad') : 'waiting';
  return element('span', { class: 'chip', 'data-kind': kind }, summaryOf(fired));
}

function verdictOf(fired) {
  const { caller, what, answer } = fired;
  const took = answer ? ` · ${answer.milliseconds} ms` : '';
  return [statusChip(fired), ` ${caller} · ${what}${took}`];
}

function sentParts({ sent: { method, path, headers, body } }) {
  return [
    element('p', { class: 'start-line' }, `${method} ${path}`),
    headerList(headers),
    bodyOf(body),
  ];
}

function answerParts({ answer, failure }) {
  if (!answer) return [element('p', { class: 'quiet' }, failure ?? 'waiting …')];
  const { status, headers, body } = answer;
  return [
    element('p', { class: 'start-line' }, `HTTP ${status}`),
    headerList(headers),
    bodyOf(body),
  ];
}

function lineParts({ line, failure }) {
  if (!line) return [element('p', { class: 'quiet' }, failure ?? 'not written yet')];
  return [code(JSON.stringify(line, null, 2))];
}

function ruleParts({ rule, failure }) {
  if (!rule) return [element('p', { class: 'quiet' }, failure ?? 'not known yet')];
  const parts = rule.rules.map(({ name, rule, why }) =>
    element(
      'figure',
      {},
      element('figcaption', {}, name, ...(why ? [element('p', { class: 'why' }, why)] : [])),
      code(JSON.stringify(rule, null, 2)),
    ),
  );
  return [element('p', { class: 'words', 'data-kind': rule.kind }, rule.words), ...parts];
}

/** What tells most comes first. */
function headerList(headers) {
  const entries = Object.entries(headers);
  const first = entries.filter(([name]) => name === 'cancel-outcome');
  const rest = entries.filter(([name]) => name !== 'cancel-outcome');
  return element(
    'dl',
    {},
    ...[...first, ...rest].flatMap(([name, value]) => [
      element('dt', {}, name),
      element('dd', {}, value),
    ]),
  );
}

function bodyOf(text) {
  return text === '' ? element('p', { class: 'quiet' }, 'no body') : code(readable(text));
}

/** A form's fields each on a line of its own; JSON laid out. */
function readable(text) {
  if (!/^[\w.-]+=[^\s]*$/.test(text)) return pretty(text);
  return [...new URLSearchParams(text)].map(([name, value]) => `${name} = ${value}`).join('\n');
}
