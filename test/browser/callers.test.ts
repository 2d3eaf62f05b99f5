/** The local console: webhooks of each type of caller, their credentials, and their refusals. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARENT } from '../demo/app.ts';
import { choice, says, suiteOfConsole } from './console.ts';

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

suiteOfConsole('the console with callers of each type', (open) => {
  const { begin, fire, pane, send, start, stateOf } = open;

  for (const type of [
    'json',
    'slack',
    'google-chat',
    'pubsub',
    'alertmanager',
    'grafana',
    'pagerduty',
    'cloud-monitoring',
  ]) {
    test(`${type} cancels with its own webhook and credentials`, async () => {
      const name = await begin(`from-${type}`);
      await choice(fire(), 'Caller').selectOption(type);
      await send();
      await says(stateOf(name), /^cancelled$/);
      await says(pane('Request'), `POST /${type}`);
      await says(open.page.locator('#verdict'), /200 (CANCEL_REQUESTED|CANCELLED|PENDING)/);
      await says(pane('Deciding rule'), 'allow[0] allowed it.');
    });
  }

  test('what no rule gives is denied, and the rules are shown', async () => {
    await choice(start(), 'in').selectOption('projects/outside/locations/us-central1');
    const name = await begin('precious');
    await send();
    await says(open.page.locator('#verdict'), '403 NOT_ALLOWED');
    await says(pane('Deciding rule'), 'No rule allowed it.');
    await says(pane('Deciding rule'), 'projects/nightly/locations/*/operations/*');
    await says(stateOf(name), /^running$/);
    await choice(fire(), 'Operation').fill('projects/nightly/locations/l/operations/o');
    await choice(fire(), 'Caller').selectOption('slack');
    await send();
    const nearest = pane('Deciding rule').getByRole('figure').first();
    await says(nearest, /^allow\[\d\].*slack.*is not "ops"|the project "nightly" is not "demo"/);
  });

  test('a wrong secret is a 401, and no secret is in the page', async () => {
    const name = await begin('safe');
    for (const type of ['slack', 'grafana', 'ops']) {
      await choice(fire(), 'Caller').selectOption(type);
      await choice(fire(), 'Credential').selectOption('wrong');
      await send();
      await says(open.page.locator('#verdict'), new RegExp(`401 UNAUTHENTICATED.*${type}`));
      await says(pane('Deciding rule'), 'No rule was compared: the request was not authenticated.');
    }
    await says(stateOf(name), /^running$/);
    const html = await open.page.content();
    for (const { env } of open.app.fixtures.values()) {
      for (const secret of Object.values(env)) assert.ok(!html.includes(secret));
    }
  });

  test('markup is text, wherever it comes from', async () => {
    const name = `${PARENT}/operations/${MARKUP}`;
    open.app.emulator.addOperation({ name, verb: MARKUP, target: MARKUP, duration: 600_000 });
    await says(open.page.locator('tr[data-name]').first(), MARKUP.slice(-17));
    await choice(fire(), 'Operation').fill(MARKUP);
    await fire().getByLabel('Reason').fill(MARKUP);
    await send();
    await says(open.page.locator('#verdict'), '400 INVALID_REQUEST');
    await says(pane('Request'), 'onerror=');
    await fire().getByRole('button', { name: 'Edit the body' }).click();
    await fire().getByRole('textbox', { name: 'Body' }).fill(MARKUP);
    await send();
    await says(open.page.locator('#verdict'), '400 MALFORMED_BODY');
    await says(pane('Request'), MARKUP);
    assert.equal(await open.page.title(), 'cancel-hook · console');
    assert.equal(await open.page.locator('main img, main script').count(), 0);
    open.app.emulator.addOperation({ name, duration: 0 });
  });
});
