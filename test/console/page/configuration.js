/** Which configuration runs, what is wrong with the one that does not, and where everything is. */

import { byId, element } from './dom.js';

export function showConfiguration({ hook, cloud, config, problem, notes, madeUp, mode, callers }) {
  const shown = byId('problem');
  shown.hidden = problem === '';
  shown.replaceChildren(
    element(
      'p',
      {},
      config
        ? 'The file has errors. The last valid configuration keeps running.'
        : 'The configuration has errors. No function runs.',
    ),
    element('pre', {}, problem),
  );
  byId('hook-url').textContent = hook;
  byId('config-name').textContent = config
    ? `${config} runs, mode ${mode}.`
    : 'No configuration runs.';
  const addresses = [
    ['the emulated Google Cloud', cloud],
    ...callers.map(({ route, type }) => [`${route} (${type})`, `${hook}/${route}`]),
  ];
  byId('addresses').replaceChildren(
    ...addresses.map(([what, url]) => element('li', {}, `${what}: `, element('code', {}, url))),
  );
  byId('secrets').replaceChildren(
    ...madeUp.flatMap(({ ref, secret }) => [element('dt', {}, ref), element('dd', {}, secret)]),
  );
  byId('notes').replaceChildren(...notes.map((note) => element('li', {}, note)));
}
