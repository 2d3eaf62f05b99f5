/** The local console, as a person uses it, in a real browser. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Console, startConsole } from '../console/server.ts';
import { type House, openHouse, PARENT } from '../demo/app.ts';
import { openBrowser, withoutBrowser } from './browser.ts';

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

suite('the console', { skip: withoutBrowser, timeout: 280_000 }, () => {
  let app: House;
  let served: Console;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of, and what it asked for. */
  let complaints: string[];
  let asked: URL[];

  before(async () => {
    app = await openHouse();
    served = await startConsole(app, 0);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await served?.close();
    await app?.close();
  });
  beforeEach(async () => {
    [complaints, asked] = [[], []];
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    page.on('request', (request) => asked.push(new URL(request.url())));
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // The browser itself reports every answer of 4xx, which is what some tests are after.
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    await page.goto(served.url);
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterEach(async () => {
    assert.deepEqual(complaints, [], 'the browser complains of nothing');
    assert.ok(asked.length > 5);
    for (const { origin } of asked)
      assert.equal(origin, served.url, 'nothing comes from elsewhere');
    await page.close();
  });

  const start = () => page.locator('#start');
  const fire = () => page.locator('#fire');
  const row = (name: string) => page.locator(`tr[data-name="${name}"]`);
  const stateOf = (name: string) => row(name).locator('.state');
  const pane = (title: string) => page.getByRole('article', { name: title });
  const choice = (form: Locator, name: string) => form.getByRole('combobox', { name });
  const says = (where: Locator, text: string | RegExp) => where.filter({ hasText: text }).waitFor();

  /** Starts an operation by the form. @returns its name */
  async function begin(pool: string): Promise<string> {
    await start().getByRole('textbox', { name: 'Name of the CA pool' }).fill(pool);
    await start().getByRole('button', { name: 'Start' }).click();
    const begun = page.locator('tr[data-name]').filter({ hasText: pool });
    await begun.waitFor();
    return (await begun.getAttribute('data-name')) ?? assert.fail();
  }

  async function send(): Promise<void> {
    await fire().getByRole('button', { name: 'Send' }).click();
  }

  test('an operation that one starts is cancelled by a webhook, and is seen to be', async () => {
    const name = await begin('bulk');
    await says(stateOf(name), /^running$/);
    await row(name)
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await send();
    await says(stateOf(name), /^cancelled$/);
    await says(page.locator('#verdict'), '200 CANCEL_REQUESTED');
    await says(pane('Request'), 'POST /ops');
    await says(pane('Response'), 'cancel-outcome');
    await says(pane('Log line'), `operation${name}`);
    await says(pane('Deciding rule'), 'projects/demo/locations/*/operations/*');
    assert.equal(app.emulator.operation(name)?.error?.code, 1);
  });

  test('whoever waits sees the outcome', async () => {
    await begin('awaited');
    await choice(fire(), 'Wait for the outcome').selectOption('10s');
    await send();
    await says(page.locator('#verdict'), '200 CANCELLED');
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
    await says(page.locator('#verdict'), /200 (CANCEL_REQUESTED|CANCELLED)/);
    await says(stateOf(name), /^cancelled$/);
    const { status } = app.emulator.resource(name) as { status?: { state?: string } };
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
    const deletion = page
      .locator('tr')
      .filter({ hasText: 'delete' })
      .filter({ hasText: 'short-lived' });
    await says(deletion.locator('.state'), /^running$/);
  });

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
    test(`${type} cancels with its own webhook and proof`, async () => {
      const name = await begin(`from-${type}`);
      await choice(fire(), 'Caller').selectOption(type);
      await send();
      await says(stateOf(name), /^cancelled$/);
      await says(pane('Request'), `POST /${type}`);
      await says(page.locator('#verdict'), /200 (CANCEL_REQUESTED|CANCELLED|PENDING)/);
      await says(pane('Deciding rule'), 'allow[0] allowed it.');
    });
  }

  test('what no rule gives is denied, and the rules are shown', async () => {
    await choice(start(), 'in').selectOption('projects/outside/locations/us-central1');
    const name = await begin('precious');
    await send();
    await says(page.locator('#verdict'), '403 NOT_ALLOWED');
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
      await says(page.locator('#verdict'), new RegExp(`401 UNAUTHENTICATED.*${type}`));
      await says(pane('Deciding rule'), 'No rule was asked: the proof was refused before.');
    }
    await says(stateOf(name), /^running$/);
    const html = await page.content();
    for (const { env } of app.fixtures.values()) {
      for (const secret of Object.values(env)) assert.ok(!html.includes(secret));
    }
  });

  test('a body can be pasted, or made from the form and changed', async () => {
    const name = await begin('pasted');
    await fire().getByRole('button', { name: 'Edit the body' }).click();
    const raw = fire().getByRole('textbox', { name: 'Body' });
    await raw.waitFor();
    assert.deepEqual(JSON.parse(await raw.inputValue()).name, name);
    await raw.fill('{"name":');
    await send();
    await says(page.locator('#verdict'), '400 MALFORMED_BODY');
    await raw.fill(JSON.stringify({ name, wait: '5s' }));
    await send();
    await says(page.locator('#verdict'), '200 CANCELLED');
  });

  test('the session is remembered, and each webhook can be looked at again', async () => {
    const items = page.locator('#fired li');
    const before = await items.count();
    await choice(fire(), 'Caller').selectOption('slack');
    await choice(fire(), 'Request').selectOption({ label: 'help' });
    await send();
    await says(items.first(), /slack.*help.*200/);
    await page.reload();
    await items.nth(before).waitFor();
    await items.first().getByRole('button').click();
    await says(pane('Request'), 'command = /cancel-op');
    await says(pane('Log line'), 'callerslack');
  });

  test('it works without a mouse, and says what happens to those who do not see it', async () => {
    const name = await begin('by-keyboard');
    await row(name).getByRole('button').focus();
    await page.keyboard.press('Enter');
    const focused = () => page.locator(':focus').textContent();
    assert.equal(await focused(), 'Send', 'one key more sends it');
    await page.keyboard.press('Enter');
    await says(page.getByRole('log'), /ops: 200 CANCEL_REQUESTED\. allow\[0\] allowed it\./);
    await says(stateOf(name), /^cancelled$/);
    await says(page.getByRole('log'), /ops: 200 .*: cancelled/);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Edit the body');
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the webhook');
  });

  test('each refusal is said as well, however fast it comes', async () => {
    await choice(fire(), 'Credential').selectOption({ label: 'a wrong secret' });
    for (const times of [1, 2, 3]) {
      await send();
      const said = page.getByRole('log').getByText(/^ops: 401 UNAUTHENTICATED\. No rule was asked/);
      await said.nth(times - 1).waitFor({ state: 'attached' });
    }
  });

  test('in a narrow window nothing is wider than its place', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    app.emulator.addOperation({
      name: `${PARENT}/operations/${'o'.repeat(128)}`,
      target: `${PARENT}/caPools/${'p'.repeat(63)}`,
      duration: 600_000,
    });
    await choice(fire(), 'Caller').selectOption('cloud-monitoring');
    await choice(fire(), 'Operation').fill(`projects/${'p'.repeat(128)}/locations/l/operations/o`);
    await send();
    await says(page.locator('#fired li').first(), /cloud-monitoring.*403/);
    const wider = await page
      .locator('body, .card, .panes article, #rows tr, #fired button')
      .evaluateAll((all: { scrollWidth: number; clientWidth: number; outerHTML: string }[]) =>
        all
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ outerHTML }) => outerHTML.slice(0, 200)),
      );
    assert.deepEqual(wider, []);
  });

  test('markup is text, wherever it comes from', async () => {
    const name = `${PARENT}/operations/${MARKUP}`;
    app.emulator.addOperation({ name, verb: MARKUP, target: MARKUP, duration: 600_000 });
    await says(page.locator('tr[data-name]').first(), MARKUP.slice(-17));
    await choice(fire(), 'Operation').fill(MARKUP);
    await fire().getByLabel('Reason').fill(MARKUP);
    await send();
    await says(page.locator('#verdict'), '400 INVALID_REQUEST');
    await says(pane('Request'), 'onerror=');
    await fire().getByRole('button', { name: 'Edit the body' }).click();
    await fire().getByRole('textbox', { name: 'Body' }).fill(MARKUP);
    await send();
    await says(page.locator('#verdict'), '400 MALFORMED_BODY');
    await says(pane('Request'), MARKUP);
    assert.equal(await page.title(), 'cancel-hook · console');
    assert.equal(await page.locator('main img, main script').count(), 0);
    app.emulator.addOperation({ name, duration: 0 });
  });
});
