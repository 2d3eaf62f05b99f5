/** The local console: messages as Slack and Google Chat show them, and their buttons. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choice, says, suiteOfConsole } from './console.ts';

suiteOfConsole('a button of a message in the console', (open) => {
  const { begin, fire, send, stateOf } = open;
  const view = (name: string) => open.page.getByRole('tab', { name }).click();

  for (const [caller, service] of [
    ['slack', 'Slack'],
    ['google-chat', 'Google Chat'],
  ] as const) {
    /** Sends a chat command by the form. @returns the message that responds to it */
    const command = async (label: string) => {
      await choice(fire(), 'Caller').selectOption(caller);
      await choice(fire(), 'Request').selectOption({ label });
      await send();
      await says(
        open.page.locator('#fired li').first(),
        new RegExp(`${caller}.*${label}.*200`, 's'),
      );
      await view('Messages');
      return open.page.getByRole('article', { name: `${service}: ${caller}` }).first();
    };
    /** Slack asks once more in the message, Google Chat in a new one. Earlier questions stay on the page. */
    const confirm = (name: string) =>
      open.page
        .getByRole('article')
        .filter({ hasText: name })
        .getByRole('button', { name: /^(Cancel it|Yes, cancel it)$/ })
        .first()
        .click();

    test(`of ${service} cancels the operation whose status was asked for`, async () => {
      const name = await begin(`pressed-${caller}`);
      const message = await command('status');
      await says(message, name);
      await message.getByRole('button', { name: 'Cancel', exact: true }).click();
      await confirm(name);
      const newest = open.page.getByRole('article', { name: `${service}: ${caller}` }).first();
      await says(newest, /Cancelled|Cancellation requested/);
      await view('Requests');
      await says(stateOf(name), /^cancelled$/);
      await says(open.page.locator('#fired li').first(), new RegExp(`${caller}.*button.*200`, 's'));
    });

    test(`of ${service} cancels its own operation of a list, and no other`, async () => {
      const [kept, pressed] = [await begin(`kept-${caller}`), await begin(`chosen-${caller}`)];
      const block = (await command('list')).locator('.block').filter({ hasText: pressed });
      await block.getByRole('button', { name: 'Cancel', exact: true }).click();
      await confirm(pressed);
      await view('Requests');
      await says(stateOf(pressed), /^cancelled$/);
      assert.equal(open.app.emulator.operation(kept)?.metadata.requestedCancellation, false);
    });
  }
});
