/** The form that sends a webhook. */

import { onSubmit, post } from './api.js';
import { byId, element, lastOf, setOptions } from './dom.js';
import { openView } from './tabs.js';

const form = byId('fire');
const { caller, credential, command, principal, parent, operation, body } = form.elements;
let callers = [];
let running = [];
/** The form composes the body, or the body is as somebody wrote it. */
let isRaw = false;
/** Whether the operation is one that somebody chose. */
let isChosen = false;

/** @param fired called with the number of a webhook that was sent */
export function readyToFire(fired) {
  caller.addEventListener('change', () => {
    showCaller();
    propose();
  });
  operation.addEventListener('input', () => {
    isChosen = operation.value !== '';
  });
  form.addEventListener('change', showFields);
  byId('compose').addEventListener('click', composeRaw);
  byId('form-again').addEventListener('click', () => switchTo(false));
  onSubmit(form, async () => {
    const { body: raw, ...wish } = values();
    const { id } = await post('/api/webhooks', isRaw ? { ...wish, body: raw } : wish);
    fired(id);
  });
}

/** The callers that the configuration has now. */
export function showCallers(setup) {
  callers = setup.callers;
  setOptions(
    caller,
    callers.map(({ route, type, scheme }) => ({
      value: route,
      label: `${route} (${route === type ? '' : `${type}, `}${scheme})`,
    })),
  );
  setOptions(
    parent,
    setup.parents.flatMap((one) => [{ value: one }, { value: one.replace(/[^/]*$/, '-') }]),
  );
  showCaller();
  propose();
}

/** The names that the field for the operation proposes: of those that run. */
export function proposeOperations({ operations }) {
  running = operations.filter(({ done }) => !done);
  byId('names').replaceChildren(
    ...running.map(({ name, verb, target }) =>
      element('option', { value: name }, `${verb} ${lastOf(target || name)}`),
    ),
  );
  propose();
}

/** Unless somebody chose one: one that the caller may cancel. */
function propose() {
  if (isChosen) return;
  const fits = ({ allowed }) => allowed.includes(caller.value);
  if (running.some((one) => one.name === operation.value && fits(one))) return;
  operation.value = running.find(fits)?.name ?? '';
}

/** The one that somebody has just started. @param allowed the callers that may cancel it, where known */
export function proposeOperation(name, allowed = []) {
  if (allowed.length > 0 && !allowed.includes(caller.value)) {
    caller.value = allowed[0];
    showCaller();
  }
  operation.value = name;
  isChosen = true;
}

/** Ready to cancel this one: all that is left is to send it. */
export function chooseOperation(name) {
  proposeOperation(name);
  isRaw = false;
  if (!fieldsShown().includes('operation')) command.value = '0';
  showFields();
  form.querySelector('button.primary').focus();
  byId('webhook').scrollIntoView({ block: 'nearest' });
}

/** Ready to send another body like that of a request. */
export function editBody({ caller: route, request }) {
  if (!callers.some((one) => one.route === route)) throw new Error('There is no such caller now.');
  openView('requests');
  caller.value = route;
  showCaller();
  body.value = request.body;
  switchTo(true);
}

function values() {
  const { validateOnly } = form.elements;
  return { ...Object.fromEntries(new FormData(form)), validateOnly: validateOnly.checked };
}

function chosen() {
  return callers.find(({ route }) => route === caller.value);
}

function fieldsShown() {
  const { commands = [], principals = [] } = chosen() ?? {};
  const fields = commands[Number(command.value)]?.fields ?? [];
  return principals.length > 0 ? fields : fields.filter((field) => field !== 'principal');
}

function showCaller() {
  const { credentials = [], commands = [], principals = [] } = chosen() ?? {};
  setOptions(
    credential,
    credentials.map(({ id, label }) => ({ value: id, label })),
  );
  command.value = '';
  setOptions(
    command,
    commands.map(({ label }, index) => ({ value: index, label })),
  );
  principal.value = '';
  setOptions(principal, [
    ...principals.map((value) => ({ value })),
    { value: '', label: 'somebody else' },
  ]);
  principal.selectedIndex = 0;
  showFields();
}

function showFields() {
  const shown = fieldsShown();
  for (const label of form.querySelectorAll('[data-mode]')) {
    const { field, mode } = label.dataset;
    label.hidden = (mode === 'raw') !== isRaw || (field !== undefined && !shown.includes(field));
  }
  byId('compose').hidden = isRaw;
  byId('form-again').hidden = !isRaw;
}

function switchTo(raw) {
  isRaw = raw;
  showFields();
  if (!raw) return;
  body.setSelectionRange(0, 0);
  body.focus();
}

async function composeRaw() {
  const fault = form.querySelector('.fault');
  try {
    fault.textContent = '';
    const composed = await post('/api/compose', values());
    body.value = composed.body;
    switchTo(true);
  } catch (error) {
    fault.textContent = error.message;
  }
}
