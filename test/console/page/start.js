/** The form that starts an operation. */

import { onSubmit, post } from './api.js';
import { byId, setOptions } from './dom.js';

const form = byId('start');
const { verb, parent, pool, target, duration, onCancel } = form.elements;

/** @param started called with the operation that was started: its `name` */
export function readyToStart(started) {
  verb.addEventListener('change', showFields);
  byId('weather').addEventListener('change', ({ target: { value } }) =>
    post('/api/upstream', { weather: value }),
  );
  onSubmit(form, async () => {
    const wish = Object.fromEntries(new FormData(form));
    started(await post('/api/operations', wish));
    if (wish.verb === 'create') pool.value = next(wish.pool);
  });
  showFields();
}

/** The places and the ways that the configuration and the emulator offer. */
export function showPlaces({ parents, durations, endings, weathers, weather }) {
  setOptions(
    parent,
    parents.map((value) => ({ value, label: shortened(value) })),
  );
  setOptions(
    duration,
    durations.map((value) => ({ value, label: value === '0s' ? 'no time (already done)' : value })),
  );
  setOptions(
    onCancel,
    endings.map(({ id, label }) => ({ value: id, label })),
  );
  setOptions(
    byId('weather'),
    weathers.map(({ id, label }) => ({ value: id, label })),
  );
  byId('weather').value = weather;
}

/** The CA pools that are there to be deleted. */
export function showPools({ pools }) {
  const options = pools.map((value) => ({ value, label: shortened(value) }));
  setOptions(target, options.length > 0 ? options : [{ value: '', label: 'none there yet' }]);
}

function showFields() {
  for (const label of form.querySelectorAll('[data-for]')) {
    label.hidden = label.dataset.for !== verb.value;
  }
}

/** Without the words that each of them has. */
function shortened(name) {
  return name.replace(/^projects\/|(?<=\/)(locations|caPools)\//g, '');
}

/** `pool-2` after `pool-1`: the next one should not be there yet. */
function next(name) {
  const [, stem = name, number = '1'] = /^(.*?)-?(\d*)$/.exec(name) ?? [];
  return `${stem}-${Number(number || '1') + 1}`;
}
