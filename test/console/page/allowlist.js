/** The rules, what each covers now, why a request is allowed or not, and what an edit changes. */

import { onSubmit, post } from './api.js';
import { byId, code, element, lastOf, setOptions } from './dom.js';
import { copy } from './tools.js';

const form = byId('explain');
const QUIET_MS = 300;
const MOST_NAMED = 5;
let current = '';
let timer;

export function readyAllowlist() {
  onSubmit(form, async () => {
    const { allowed, text } = await post('/api/explain', Object.fromEntries(new FormData(form)));
    const shown = byId('explanation');
    shown.hidden = false;
    shown.textContent = text;
    shown.dataset.kind = allowed ? 'allowed' : 'denied';
  });
  byId('text').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(compare, QUIET_MS);
  });
  byId('reset-text').addEventListener('click', () => {
    byId('text').value = current;
    void compare();
  });
  byId('copy-text').addEventListener('click', () => copy(byId('text').value));
}

/** The configuration that runs; an edit of it stays where somebody has begun one. */
export function showText({ text, callers }) {
  const area = byId('text');
  if (area.value === current) area.value = text;
  current = text;
  setOptions(
    form.elements.caller,
    callers.map(({ route }) => ({ value: route })),
  );
  const principals = new Set(callers.flatMap((one) => one.principals));
  byId('principals').replaceChildren(
    ...[...principals].map((value) => element('option', { value })),
  );
  void compare();
}

export function showRules(rules) {
  byId('rules').replaceChildren(
    ...rules.map(({ name, rule, matches }) =>
      element(
        'li',
        {},
        element('p', {}, element('code', {}, name), ` · ${coverage(matches)}`),
        code(JSON.stringify(rule, null, 2)),
        ...(matches.length > 0 ? [namesOf(matches)] : []),
      ),
    ),
  );
}

function coverage({ length }) {
  if (length === 0) return 'no running operation';
  return `${length} running operation${length === 1 ? '' : 's'}`;
}

function namesOf(matches) {
  const more = matches.length - MOST_NAMED;
  const names = matches.slice(0, MOST_NAMED).map((name) => lastOf(name));
  return element(
    'p',
    { class: 'quiet' },
    `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  );
}

async function compare() {
  const text = byId('text').value;
  const shown = byId('changes');
  if (text === current || text === '') return shown.replaceChildren(quiet('Nothing is edited.'));
  try {
    const { errors, changes, more } = await post('/api/compare', { text });
    if (text !== byId('text').value) return;
    shown.replaceChildren(
      ...(errors ? [element('pre', { class: 'faulty' }, errors)] : tell(changes, more)),
    );
  } catch (error) {
    shown.replaceChildren(quiet(error.message));
  }
}

function tell(changes, more) {
  if (changes.length === 0) {
    return [quiet('The edit is valid, and changes nothing for the operations that run now.')];
  }
  const rows = changes.map(({ caller, principal, operation, before, after }) =>
    element(
      'li',
      { 'data-kind': after ? 'allowed' : 'denied' },
      `${caller}${principal ? ` (${principal})` : ''} ${after ? 'may cancel' : 'may no longer cancel'} `,
      element('code', {}, lastOf(operation)),
      ` (${after || before})`,
    ),
  );
  const rest = more > 0 ? [quiet(`${more} more`)] : [];
  return [element('ul', { class: 'changes' }, ...rows), ...rest];
}

function quiet(text) {
  return element('p', { class: 'quiet' }, text);
}
