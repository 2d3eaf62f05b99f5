/** The console: what the server tells goes to the parts that show it. */

import { get } from './api.js';
import { byId } from './dom.js';
import { show, showFired, showHistory } from './history.js';
import { showOperations } from './operations.js';
import { readyToStart, showPools } from './start.js';
import { chooseOperation, proposeOperation, proposeOperations, readyToFire } from './webhook.js';

const setup = await get('/api/setup');
byId('hook-url').textContent = setup.hook;
byId('cloud-url').textContent = setup.cloud;
readyToStart(setup, ({ name }) => proposeOperation(name));
readyToFire(setup, show);

const events = new EventSource('/api/events');
const on = (name, show) => events.addEventListener(name, ({ data }) => show(JSON.parse(data)));
on('cloud', (view) => {
  showOperations(view, chooseOperation);
  proposeOperations(view);
  showPools(view);
});
on('history', showHistory);
on('webhook', showFired);
on('fault', (words) => connection('lost', words));
events.addEventListener('open', () => connection('live', 'live'));
events.addEventListener('error', () => connection('lost', 'not connected'));

function connection(state, words) {
  const shown = byId('connection');
  shown.dataset.state = state;
  shown.textContent = words;
}
