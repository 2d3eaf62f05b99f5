/** The form that starts an operation, or a resource of another type. */

import { onSubmit, post } from './api.js';
import { byId, setOptions } from './dom.js';

const form = byId('start');
const { type, verb, parent, pool, target, duration, onCancel } = form.elements;
let parents = [];
let places = [];

/** @param started called with what was started: its `name`, and where known who is `allowed` to cancel it */
export function readyToStart(started) {
  verb.addEventListener('change', showFields);
  type.addEventListener('change', () => {
    showParents();
    showFields();
  });
  byId('condition').addEventListener('change', ({ target: { value } }) =>
    post('/api/upstream', { condition: value }),
  );
  onSubmit(form, async () => {
    const wish = Object.fromEntries(new FormData(form));
    started(await post('/api/operations', wish));
    if (wish.type === '' && wish.verb === 'create') pool.value = next(wish.pool);
  });
  showFields();
}

/** The places and the ways that the configuration and the emulator offer. */
export function showPlaces(setup) {
  const { durations, endings, conditions, condition } = setup;
  ({ parents, places } = setup);
  const types = new Set(places.map((place) => place.type));
  setOptions(type, [
    { value: '', label: 'CA operation' },
    ...[...types].sort().map((value) => ({ value })),
  ]);
  showParents();
  showFields();
  setOptions(
    duration,
    durations.map((value) => ({ value, label: value === '0s' ? 'no time (already done)' : value })),
  );
  setOptions(
    onCancel,
    endings.map(({ id, label }) => ({ value: id, label })),
  );
  setOptions(
    byId('condition'),
    conditions.map(({ id, label }) => ({ value: id, label })),
  );
  byId('condition').value = condition;
}

/** The CA pools that are there to be deleted. */
export function showPools({ pools }) {
  const options = pools.map((value) => ({ value, label: shortened(value) }));
  setOptions(target, options.length > 0 ? options : [{ value: '', label: 'none there yet' }]);
}

/** Of the chosen type. */
function showParents() {
  const named = places.filter((place) => place.type === type.value);
  const offered = type.value === '' ? parents : named.map((place) => place.parent);
  setOptions(
    parent,
    offered.map((value) => ({ value, label: shortened(value) })),
  );
}

function showFields() {
  const kind = type.value === '' ? verb.value : 'resource';
  for (const label of form.querySelectorAll('[data-for]')) {
    label.hidden = !label.dataset.for.split(' ').includes(kind);
  }
}

/** Without the words that each of them has. */
function shortened(name) {
  return name.replace(/^(\/\/[^/]*\/)?projects\/|(?<=\/)(locations|regions|caPools)\//g, '');
}

/** `pool-2` after `pool-1`: the next one should not be there yet. */
function next(name) {
  const [, stem = name, number = '1'] = /^(.*?)-?(\d*)$/.exec(name) ?? [];
  return `${stem}-${Number(number || '1') + 1}`;
}
