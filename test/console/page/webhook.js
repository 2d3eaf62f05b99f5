/** The form that fires a webhook. */

import { onSubmit, post } from './api.js';
import { byId, element, lastOf, setOptions } from './dom.js';

const form = byId('fire');
const { caller, proof, command, parent, operation, body } = form.elements;
let callers = [];

/** @param fired called with the number of a webhook that was sent */
export function readyToFire(setup, fired) {
  callers = setup.callers;
  setOptions(
    caller,
    callers.map(({ route, type, proof }) => ({
      value: route,
      label: `${route} — ${route === type ? '' : `${type}, `}${proof}`,
    })),
  );
  setOptions(
    parent,
    setup.parents.flatMap((one) => [{ value: one }, { value: one.replace(/[^/]*$/, '-') }]),
  );
  caller.addEventListener('change', showCaller);
  form.addEventListener('change', showFields);
  byId('compose').addEventListener('click', composeRaw);
  onSubmit(form, async () => {
    const { mode, body: raw, ...wish } = values();
    const { id } = await post('/api/webhooks', mode === 'raw' ? { ...wish, body: raw } : wish);
    fired(id);
  });
  showCaller();
  showFields();
}

/** The names that the field for the operation proposes: of those that run. */
export function proposeOperations({ operations }) {
  const running = operations.filter(({ endTime }) => endTime === undefined);
  byId('names').replaceChildren(
    ...running.map(({ name, verb, target }) =>
      element('option', { value: name }, `${verb} ${lastOf(target)}`),
    ),
  );
  if (operation.value === '' && running[0]) operation.value = running[0].name;
}

/** The one that somebody has just started. */
export function proposeOperation(name) {
  operation.value = name;
}

/** Ready to cancel this one: all that is left is to send it. */
export function chooseOperation(name) {
  operation.value = name;
  form.elements.mode.value = 'form';
  if (!fieldsShown().includes('operation')) command.value = '0';
  showFields();
  form.querySelector('button.primary').focus();
  byId('webhook').scrollIntoView({ block: 'nearest' });
}

function values() {
  const { validateOnly } = form.elements;
  return { ...Object.fromEntries(new FormData(form)), validateOnly: validateOnly.checked };
}

function chosen() {
  return callers.find(({ route }) => route === caller.value);
}

function fieldsShown() {
  return chosen()?.commands[Number(command.value)]?.fields ?? [];
}

function showCaller() {
  const { proofs, commands } = chosen();
  setOptions(
    proof,
    proofs.map(({ id, label }) => ({ value: id, label })),
  );
  command.value = '';
  setOptions(
    command,
    commands.map(({ label }, index) => ({ value: index, label })),
  );
}

function showFields() {
  const mode = form.elements.mode.value;
  const shown = fieldsShown();
  for (const label of form.querySelectorAll('[data-mode]')) {
    const { field } = label.dataset;
    label.hidden = label.dataset.mode !== mode || (field !== undefined && !shown.includes(field));
  }
  byId('compose').hidden = mode === 'raw';
}

async function composeRaw() {
  const fault = form.querySelector('.fault');
  try {
    fault.textContent = '';
    const composed = await post('/api/compose', values());
    body.value = composed.body;
    form.elements.mode.value = 'raw';
    showFields();
    body.setSelectionRange(0, 0);
    body.focus();
  } catch (error) {
    fault.textContent = error.message;
  }
}
