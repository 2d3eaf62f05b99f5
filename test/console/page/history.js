/** All requests to the function, whoever sent them; one of them is shown in full. */

import { announce, byId, element, lastOf } from './dom.js';
import { showResult, statusChip, summaryOf } from './result.js';

const MOST_KEPT = 200;
/** By its number: a request, and its item in the list. */
const known = new Map();
let shown;

export function readyHistory() {
  byId('filter').addEventListener('input', () => {
    for (const entry of known.values()) filter(entry);
  });
}

/** @param all what the server has kept; after a restart of the server that may be less */
export function showHistory(all) {
  byId('fired').replaceChildren();
  known.clear();
  for (const fired of all) showFired(fired);
}

export function showFired(fired) {
  const before = known.get(fired.id);
  const entry = before ?? newEntry();
  entry.fired = fired;
  known.set(fired.id, entry);
  fill(entry);
  if (!before) add(entry);
  filter(entry);
  if (fired.id === shown) tell(fired);
}

/** The request that is shown in full. */
export function shownExchange() {
  return known.get(shown)?.fired;
}

/** What came of it may be known before the page learns which one it has sent, or after. */
function tell(fired) {
  showResult(fired);
  if (fired.line) announce(`${fired.caller}: ${summaryOf(fired)}. ${fired.rule.words}`);
}

/** The one that is shown in full from now on. */
export function show(id) {
  known.get(shown)?.button.removeAttribute('aria-current');
  shown = id;
  byId('command').hidden = true;
  byId('tool-fault').textContent = '';
  const entry = known.get(id);
  if (!entry) return;
  entry.button.setAttribute('aria-current', 'true');
  tell(entry.fired);
}

function newEntry() {
  const button = element('button', { type: 'button' });
  return { button, item: element('li', {}, button) };
}

function fill({ button, fired }) {
  const { at, caller, what, sender, line } = fired;
  const operation = line?.operation ?? line?.operations?.[0]?.name ?? '';
  button.replaceChildren(
    element('time', {}, new Date(at).toLocaleTimeString()),
    element('span', {}, caller === '' ? fired.request.path : caller),
    element('span', { class: 'quiet' }, what === '' ? sender : what),
    element('span', { class: 'quiet' }, operation === '' ? '' : lastOf(operation)),
    statusChip(fired),
  );
}

function add({ button, item, fired }) {
  button.addEventListener('click', () => show(fired.id));
  if (fired.id === shown) button.setAttribute('aria-current', 'true');
  byId('fired').prepend(item);
  byId('nothing').hidden = true;
  const [oldest] = known.keys();
  if (known.size <= MOST_KEPT) return;
  known.get(oldest).item.remove();
  known.delete(oldest);
}

/** Whatever a request holds can be looked for. */
function filter({ item, fired }) {
  const words = byId('filter').value.toLowerCase().split(/\s+/);
  const text = `${summaryOf(fired)} ${JSON.stringify(fired)}`.toLowerCase();
  item.hidden = !words.every((word) => text.includes(word));
}
