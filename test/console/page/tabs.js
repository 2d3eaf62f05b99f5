/** The views, of which one is shown: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */

import { byId } from './dom.js';

const tabs = [...document.querySelectorAll('[role="tab"]')];

export function readyTabs() {
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => openView(tab.getAttribute('aria-controls')));
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      openView(next.getAttribute('aria-controls'));
      next.focus();
    });
  }
}

/** Shows the view of an id, and no other. */
export function openView(id) {
  for (const tab of tabs) {
    const view = tab.getAttribute('aria-controls');
    const isShown = view === id;
    tab.setAttribute('aria-selected', String(isShown));
    if (isShown) tab.removeAttribute('tabindex');
    else tab.setAttribute('tabindex', '-1');
    byId(view).hidden = !isShown;
  }
}
