/** The local console, as a person uses it, in a real browser: start, send, and see the outcome. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARENT } from '../demo/app.ts';
import { choice, says, suiteOfConsole } from './console.ts';

suiteOfConsole('the console', (open) => {
  const { begin, fire, pane, row, send, start, stateOf } = open;

  test('an operation that one starts is cancelled by a webhook, and is seen to be', async () => {
    const name = await begin('bulk');
    await says(stateOf(name), /^running$/);
    await row(name)
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await send();
    await says(stateOf(name), /^cancelled$/);
    await says(open.page.locator('#verdict'), '200 CANCEL_REQUESTED');
    await says(pane('Request'), 'POST /ops');
    await says(pane('Response'), 'cancel-outcome');
    await says(pane('Log line'), `operation${name}`);
    await says(pane('Deciding rule'), 'projects/demo/locations/*/operations/*');
    assert.equal(open.app.emulator.operation(name)?.error?.code, 1);
  });

  test('whoever waits sees the outcome', async () => {
    await begin('awaited');
    await choice(fire(), 'Wait for the outcome').selectOption('10s');
    await send();
    await says(open.page.locator('#verdict'), '200 CANCELLED');
  });

  test('a resource of another type is started, cancelled by a webhook, and seen to be', async () => {
    const name = '//dataproc.googleapis.com/projects/demo/regions/us-central1/jobs/job-1';
    await choice(start(), 'Type').selectOption('Dataproc job');
    await start().getByRole('button', { name: 'Start' }).click();
    await says(stateOf(name), /^running$/);
    await says(row(name).getByRole('rowheader'), name);
    await choice(fire(), 'Caller').selectOption('json');
    assert.equal(await choice(fire(), 'Operation').inputValue(), name);
    await send();
    await says(open.page.locator('#verdict'), /200 (CANCEL_REQUESTED|CANCELLED)/);
    await says(stateOf(name), /^cancelled$/);
    const { status } = open.app.emulator.resource(name) as { status?: { state?: string } };
    assert.equal(status?.state, 'CANCELLED');
  });

  test('a deletion of a pool that is there is started, too', async () => {
    await choice(start(), 'It takes').selectOption('5s');
    const creation = await begin('short-lived');
    await says(stateOf(creation), /^finished$/);
    await choice(start(), 'Start to').selectOption('delete');
    await choice(start(), 'CA pool').selectOption({
      value: `${PARENT}/caPools/short-lived`,
    });
    await start().getByRole('button', { name: 'Start' }).click();
    const deletion = open.page
      .locator('tr')
      .filter({ hasText: 'delete' })
      .filter({ hasText: 'short-lived' });
    await says(deletion.locator('.state'), /^running$/);
  });

  test('a body can be pasted, or made from the form and changed', async () => {
    const name = await begin('pasted');
    await fire().getByRole('button', { name: 'Edit the body' }).click();
    const raw = fire().getByRole('textbox', { name: 'Body' });
    await raw.waitFor();
    assert.deepEqual(JSON.parse(await raw.inputValue()).name, name);
    await raw.fill('{"name":');
    await send();
    await says(open.page.locator('#verdict'), '400 MALFORMED_BODY');
    await raw.fill(JSON.stringify({ name, wait: '5s' }));
    await send();
    await says(open.page.locator('#verdict'), '200 CANCELLED');
  });

  test('the session is remembered, and each webhook can be looked at again', async () => {
    const items = open.page.locator('#fired li');
    const before = await items.count();
    await choice(fire(), 'Caller').selectOption('slack');
    await choice(fire(), 'Request').selectOption({ label: 'help' });
    await send();
    await says(items.first(), /slack.*help.*200/);
    await open.page.reload();
    await items.nth(before).waitFor();
    await items.first().getByRole('button').click();
    await says(pane('Request'), 'command = /cancel-op');
    await says(pane('Log line'), 'callerslack');
  });
});
