/** The table of operations, kept in place while it changes, so that nobody loses their place in it. */

import { age, announce, byId, element, lastOf } from './dom.js';

const STATES = {
  running: 'running',
  cancelling: 'running, cancel requested',
  cancelled: 'cancelled',
  finished: 'finished',
  failed: 'failed',
};

/** By an operation's name: its row, and what it showed last. */
const rows = new Map();

/** @param choose called with the name of an operation that somebody wants to cancel */
export function showOperations({ operations, total }, choose) {
  byId('none').hidden = total > 0;
  byId('count').textContent =
    total > operations.length ? `${operations.length} of ${total}` : String(total);
  for (const operation of operations) {
    const known = rows.get(operation.name);
    if (known) update(known, operation);
    else rows.set(operation.name, newRow(operation, choose));
  }
  const names = new Set(operations.map(({ name }) => name));
  for (const [name, { row }] of rows) {
    if (names.has(name)) continue;
    row.remove();
    rows.delete(name);
  }
  place(operations);
}

/** Rows that stand right already are left alone: a moved button loses the focus. */
function place(operations) {
  const body = byId('rows');
  operations.forEach(({ name }, index) => {
    const { row } = rows.get(name);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
}

function newRow(operation, choose) {
  const { name, verb, target } = operation;
  const state = element('span', { class: 'state' });
  const since = element('td', { class: 'number' });
  const button = element('button', { type: 'button' }, 'Cancel …');
  button.setAttribute('aria-label', `Cancel ${name} by webhook`);
  button.addEventListener('click', () => choose(name));
  const row = element(
    'tr',
    { 'data-name': name },
    ...(name.startsWith('//')
      ? [fullName(name)]
      : [
          named('th', name, { scope: 'row' }),
          element('td', { class: 'verb' }, verb),
          named('td', target, { class: 'target' }),
        ]),
    element('td', {}, state),
    since,
    element('td', {}, button),
  );
  const known = { row, state, since, button, operation: undefined };
  update(known, operation);
  return known;
}

/** A resource of another service, which has no verb and no target. */
function fullName(name) {
  const attributes = { class: 'full', colspan: 3, scope: 'row', title: name };
  return element('th', attributes, element('code', {}, name));
}

/** What tells it from the others, and above that, smaller, where it is. */
function named(tag, name, attributes = {}) {
  const [, project = '', location = ''] = /^projects\/([^/]*)\/locations\/([^/]*)/.exec(name) ?? [];
  return element(
    tag,
    { ...attributes, title: name },
    element('small', {}, `${project} · ${location}`),
    element('code', {}, lastOf(name)),
  );
}

function update(known, operation) {
  const before = known.operation?.state;
  known.operation = operation;
  showAge(known);
  if (before === operation.state) return;
  known.state.textContent = STATES[operation.state];
  known.state.dataset.state = operation.state;
  known.button.hidden = operation.done;
  if (before) announce(`${lastOf(operation.name)}: ${STATES[operation.state]}`);
}

function showAge({ operation, since }) {
  since.textContent = age(Date.now() - Date.parse(operation.createTime));
}

setInterval(() => {
  for (const known of rows.values()) showAge(known);
}, 1000);
