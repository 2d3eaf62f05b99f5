/** The console: what the server tells goes to the parts that show it. */

import { readyAllowlist, showRules, showText } from './allowlist.js';
import { showConfiguration } from './configuration.js';
import { byId } from './dom.js';
import { readyHistory, show, showFired, showHistory } from './history.js';
import { showMessages } from './messages.js';
import { showOperations } from './operations.js';
import { readyToStart, showPlaces, showPools } from './start.js';
import { readyTabs } from './tabs.js';
import { readyTools } from './tools.js';
import {
  chooseOperation,
  editBody,
  proposeOperation,
  proposeOperations,
  readyToFire,
  showCallers,
} from './webhook.js';

readyTabs();
readyToStart(({ name, allowed }) => proposeOperation(name, allowed));
readyToFire(show);
readyHistory();
readyTools(show, editBody);
readyAllowlist();

const events = new EventSource('/api/events');
const on = (name, show) => events.addEventListener(name, ({ data }) => show(JSON.parse(data)));
on('setup', (setup) => {
  showConfiguration(setup);
  showPlaces(setup);
  showCallers(setup);
  showText(setup);
});
on('cloud', (view) => {
  showOperations(view, chooseOperation);
  proposeOperations(view);
  showPools(view);
});
on('rules', showRules);
on('messages', (messages) => showMessages(messages, show));
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
