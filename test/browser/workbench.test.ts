/** The console with a user's configuration, in a real browser: each view, and its accessibility. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { type Console, startConsole } from '../console/server.ts';
import { openWorkbench, type Workbench } from '../console/workbench.ts';
import { temporaryFolder } from '../deploy/pack.ts';
import { openBrowser, withoutBrowser } from './browser.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const GOOD = readFileSync(new URL('../console/hook.yaml', import.meta.url), 'utf8');

suite('the console with a configuration of a user', {
  skip: withoutBrowser,
  timeout: 120_000,
}, () => {
  const folder = temporaryFolder();
  const file = join(folder, 'hook.yaml');
  let bench: Workbench;
  let served: Console;
  let browser: Browser;
  let page: Page;

  before(async () => {
    writeFileSync(file, GOOD);
    bench = await openWorkbench({ config: () => file, env: {} });
    bench.watch(file);
    served = await startConsole(bench, 0);
    browser = await openBrowser();
    // Past the page's Content-Security-Policy, only so that axe can be put into it.
    const context = await browser.newContext({
      bypassCSP: true,
      viewport: { width: 1400, height: 900 },
    });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(served.url);
    await page.getByText('live', { exact: true }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await served?.close();
    await bench?.close();
    rmSync(folder, { recursive: true });
  });

  const says = (where: Locator, text: string | RegExp) => where.filter({ hasText: text }).waitFor();
  const view = (name: string) => page.getByRole('tab', { name }).click();
  const fire = () => page.locator('#fire');
  let count = 0;
  const start = (over: object = {}) =>
    bench.emulator.addOperation({ name: `${PARENT}/operations/o-${++count}`, ...over }).name;

  test('what is preselected is allowed, and its result is visible without scrolling', async () => {
    await page.locator('#start').getByRole('button', { name: 'Start' }).click();
    await fire().getByRole('button', { name: 'Send' }).click();
    await says(page.locator('#verdict'), '200 CANCEL_REQUESTED');
    const log = page.getByRole('article', { name: 'Log line' });
    await says(log, 'CANCEL_REQUESTED');
    for (const part of [
      page.locator('#verdict'),
      log,
      page.locator('#answer'),
      page.locator('#history'),
    ]) {
      const box = (await part.boundingBox()) ?? assert.fail();
      assert.ok(box.y >= 0 && box.y + box.height <= 900, `${part}: ${JSON.stringify(box)}`);
      const cut = await part.evaluate(
        (one: { scrollWidth: number; clientWidth: number }) => one.scrollWidth > one.clientWidth,
      );
      assert.equal(cut, false);
    }
  });

  test('a request of curl appears by itself, is found by the filter, and is replayed', async () => {
    const name = start({ onCancel: 'ignore' });
    await fetch(`${bench.hook.url}/ops`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer made-up-ops-token',
        'content-type': 'application/json',
        'user-agent': 'curl/8.0',
      },
      body: JSON.stringify({ name }),
    });
    const item = page.locator('#fired li').filter({ hasText: 'curl/8.0' });
    await says(item, '200 CANCEL_REQUESTED');
    await page.getByRole('searchbox', { name: 'Filter' }).fill('nothing like this');
    await item.waitFor({ state: 'hidden' });
    await page.getByRole('searchbox', { name: 'Filter' }).fill('curl cancel_requested');
    await item.getByRole('button').click();
    await says(page.locator('#verdict'), 'from curl/8.0');
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await says(page.locator('#command'), 'Bearer made-up-ops-token');
    await page.getByRole('button', { name: 'Replay' }).click();
    await says(page.locator('#verdict'), /200 CANCEL_REQUESTED.*replay of/);
    await page.getByRole('button', { name: 'Edit and resend' }).click();
    await fire().getByRole('textbox', { name: 'Body' }).fill('{"name": "none"}');
    await fire().getByRole('button', { name: 'Send' }).click();
    await says(page.locator('#verdict'), '400 INVALID_REQUEST');
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  });

  test('an alert asks in the inbox, and a pressed and confirmed button cancels', async () => {
    const name = start();
    await fetch(`${bench.hook.url}/alerts`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer made-up-secrets-alert-token',
        'content-type': 'application/json',
      },
      body: alertGroup({ annotations: { operation: name } }),
    });
    await view('Messages');
    const message = page.getByRole('article', { name: 'Slack: destination oncall' }).first();
    await message.getByRole('button', { name: 'Cancel', exact: true }).click();
    await message.getByRole('button', { name: 'Cancel it' }).click();
    await says(message, /Cancelled/i);
    assert.equal(bench.emulator.operation(name)?.error?.code, 1);
  });

  test('the allowlist shows what each rule covers, explains, and tells what an edit changes', async () => {
    const name = start();
    await view('Allowlist');
    await says(page.locator('#rules li').nth(1), /\d+ running operation/);
    const form = page.locator('#explain');
    await form.getByRole('combobox', { name: 'Caller' }).selectOption('slack');
    await form.getByRole('combobox', { name: 'Operation' }).fill(name);
    await form.getByRole('button', { name: 'Explain' }).click();
    await says(page.locator('#explanation'), /denied: slack.*principals:/s);
    const text = page.locator('#text');
    await text.fill(GOOD.replace('[ops, alerts]', '[alerts]'));
    await says(page.locator('#changes'), /ops may no longer cancel o-/);
    await text.fill(GOOD.replace('[ops, alerts]', '[op]'));
    await says(page.locator('#changes'), 'names a caller that does not exist');
    await page.getByRole('button', { name: 'Reset' }).click();
    await says(page.locator('#changes'), 'Nothing is edited.');
  });

  test('an error in the file is shown in place, and goes with it', async () => {
    writeFileSync(file, GOOD.replace('[ops, alerts]', '[op]'));
    await says(
      page.locator('#problem'),
      /The last valid configuration keeps running.*did you mean/s,
    );
    writeFileSync(file, GOOD);
    await page.locator('#problem').waitFor({ state: 'hidden' });
  });

  test('Google Cloud can be made unavailable', async () => {
    await view('Requests');
    await page.getByLabel('Google Cloud').selectOption({ label: 'responds 503' });
    start();
    await fire().getByRole('button', { name: 'Back to the form' }).click();
    await fire().getByRole('button', { name: 'Send' }).click();
    await says(page.locator('#verdict'), '503 UPSTREAM_UNAVAILABLE');
    await page.getByLabel('Google Cloud').selectOption({ label: 'responds as usual' });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing in any view (${colorScheme})`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.addScriptTag({ content: axe.source });
      for (const name of ['Requests', 'Allowlist', 'Messages', 'Configuration']) {
        await view(name);
        const found = (await page.evaluate('axe.run()')) as {
          violations: { id: string; nodes: { html: string }[] }[];
        };
        const broken = found.violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
        assert.deepEqual(broken, [], name);
      }
    });
  }
});
