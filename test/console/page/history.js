/** The webhooks of this session; one of them is shown in full. */

import { announce, byId, element } from './dom.js';
import { showResult, statusChip, summaryOf } from './result.js';

const MOST_KEPT = 100;
/** By its number: a webhook, and its item in the list. */
const known = new Map();
let shown;

/** @param all what the server has kept; after a restart of the server that may be less */
export function showHistory(all) {
  byId('fired').replaceChildren();
  known.clear();
  for (const fired of all) showFired(fired);
}

export function showFired(fired) {
  const before = known.get(fired.id);
  const entry = before ?? { button: element('button', { type: 'button' }) };
  entry.fired = fired;
  known.set(fired.id, entry);
  fill(entry);
  if (!before) add(entry);
  if (fired.id === shown) tell(fired);
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
  const entry = known.get(id);
  if (!entry) return;
  entry.button.setAttribute('aria-current', 'true');
  tell(entry.fired);
}

function fill({ button, fired }) {
  const time = new Date(fired.at).toLocaleTimeString();
  button.replaceChildren(
    element('time', {}, time),
    element('span', {}, fired.caller),
    element('span', { class: 'quiet' }, fired.what),
    statusChip(fired),
  );
}

function add({ button, fired }) {
  button.addEventListener('click', () => show(fired.id));
  if (fired.id === shown) button.setAttribute('aria-current', 'true');
  byId('fired').prepend(element('li', { value: fired.id }, button));
  byId('nothing').hidden = true;
  const [oldest] = known.keys();
  if (known.size <= MOST_KEPT) return;
  known.delete(oldest);
  byId('fired').lastElementChild.remove();
}
