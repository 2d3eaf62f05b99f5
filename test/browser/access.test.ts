/** The local console for those who use no mouse, do not see it, or have a narrow window. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARENT } from '../demo/app.ts';
import { choice, says, suiteOfConsole } from './console.ts';

suiteOfConsole('the console for everyone', (open) => {
  const { begin, fire, row, send, stateOf } = open;

  test('it works without a mouse, and says what happens to those who do not see it', async () => {
    const name = await begin('by-keyboard');
    await row(name).getByRole('button').focus();
    await open.page.keyboard.press('Enter');
    const focused = () => open.page.locator(':focus').textContent();
    assert.equal(await focused(), 'Send', 'one key more sends it');
    await open.page.keyboard.press('Enter');
    await says(open.page.getByRole('log'), /ops: 200 CANCEL_REQUESTED\. allow\[0\] allowed it\./);
    await says(stateOf(name), /^cancelled$/);
    await says(open.page.getByRole('log'), /ops: 200 .*: cancelled/);
    await open.page.keyboard.press('Tab');
    assert.equal(await focused(), 'Edit the body');
    await open.page.reload();
    await open.page.getByText('live', { exact: true }).waitFor();
    await open.page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the webhook');
  });

  test('each refusal is said as well, however fast it comes', async () => {
    await begin('refused');
    await choice(fire(), 'Credential').selectOption({ label: 'a wrong secret' });
    for (const times of [1, 2, 3]) {
      await send();
      const said = open.page
        .getByRole('log')
        .getByText(/^ops: 401 UNAUTHENTICATED\. No rule was compared/);
      await said.nth(times - 1).waitFor({ state: 'attached' });
    }
  });

  test('in a narrow window nothing is wider than its place', async () => {
    await open.page.setViewportSize({ width: 360, height: 740 });
    open.app.emulator.addOperation({
      name: `${PARENT}/operations/${'o'.repeat(128)}`,
      target: `${PARENT}/caPools/${'p'.repeat(63)}`,
      duration: 600_000,
    });
    await choice(fire(), 'Caller').selectOption('cloud-monitoring');
    await choice(fire(), 'Operation').fill(`projects/${'p'.repeat(128)}/locations/l/operations/o`);
    await send();
    await says(open.page.locator('#fired li').first(), /cloud-monitoring.*403/);
    const wider = await open.page
      .locator('body, .card, .panes article, #rows tr, #fired button')
      .evaluateAll((all: { scrollWidth: number; clientWidth: number; outerHTML: string }[]) =>
        all
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ outerHTML }) => outerHTML.slice(0, 200)),
      );
    assert.deepEqual(wider, []);
  });
});
