/** One request and what came of it: four panes. */

import { byId, code, element, pretty } from './dom.js';

export function showResult(fired) {
  byId('panes').hidden = false;
  byId('tools').hidden = false;
  const verdict = byId('verdict');
  verdict.className = 'verdict';
  verdict.replaceChildren(...verdictOf(fired));
  byId('sent').replaceChildren(...sentParts(fired));
  byId('answer').replaceChildren(...answerParts(fired));
  byId('line').replaceChildren(...lineParts(fired));
  byId('rule').replaceChildren(...ruleParts(fired));
}

/** `200 CANCELLED`, or why there is nothing of the kind. */
export function summaryOf({ response, failure, line }) {
  if (!response) return failure ?? 'waiting …';
  const word = response.headers['cancel-outcome'] ?? line?.error ?? line?.outcome ?? countOf(line);
  return `${response.status} ${word}`.trim();
}

/** Of an alert or a sweep, whose line begins with the caller: how many came to what. */
function countOf(line) {
  return line?.operations ? line.message.slice(line.caller.length + 1) : '';
}

export function statusChip(fired) {
  const { response, failure, line } = fired;
  const good = response && response.status < 400 && !line?.error;
  const kind = response || failure ? (good ? 'good' : 'bad') : 'waiting';
  return element('span', { class: 'chip', 'data-kind': kind }, summaryOf(fired));
}

function verdictOf(fired) {
  const { caller, what, sender, response } = fired;
  const took = response ? ` · ${response.milliseconds} ms` : '';
  return [
    statusChip(fired),
    ` ${[caller, what, `from ${sender}`].filter(Boolean).join(' · ')}${took}`,
  ];
}

function sentParts({ request: { method, path, headers, body } }) {
  return [element('p', { class: 'start-line' }, `${method} ${path}`), list(headers), bodyOf(body)];
}

function answerParts({ response, failure }) {
  if (!response) return [element('p', { class: 'quiet' }, failure ?? 'waiting …')];
  const { status, headers, body } = response;
  return [element('p', { class: 'start-line' }, `HTTP ${status}`), list(headers), bodyOf(body)];
}

function lineParts({ line, failure }) {
  if (!line) return [element('p', { class: 'quiet' }, failure ?? 'not written yet')];
  return [list(line)];
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
const FIRST = ['cancel-outcome', 'outcome', 'error', 'operation', 'rule', 'denied', 'message'];

function list(fields) {
  const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return element(
    'dl',
    {},
    ...Object.entries(fields)
      .toSorted(([a], [b]) => rank(a) - rank(b))
      .flatMap(([name, value]) => [
        element('dt', {}, name),
        element('dd', {}, typeof value === 'string' ? value : JSON.stringify(value)),
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
