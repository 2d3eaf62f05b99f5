/** What can be done with a request again: replay it, edit it, take it to a shell. */

import { post } from './api.js';
import { announce, byId } from './dom.js';
import { shownExchange } from './history.js';

/**
 * @param show called with the number of a request that was sent
 * @param edit called with a request whose body is to be edited
 */
export function readyTools(show, edit) {
  on('replay', async ({ id }) => show((await post('/api/replay', { id })).id));
  on('edit', edit);
  on('copy', async ({ id }) => {
    const { text } = await post('/api/command', { id });
    byId('command').hidden = false;
    byId('command').textContent = text;
    await copy(text);
  });
}

function on(id, work) {
  byId(id).addEventListener('click', async () => {
    const fault = byId('tool-fault');
    fault.textContent = '';
    try {
      await work(shownExchange());
    } catch (error) {
      fault.textContent = error.message;
    }
  });
}

/** A browser may refuse; the text is on the page as well. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied.');
  } catch {
    announce('The text is on the page, to be copied from there.');
  }
}
