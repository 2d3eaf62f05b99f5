/**
 * The way of a new user, as README.md tells it: from a clone to a Slack command of one's own that is
 * refused, explained, allowed by an edit, and cancels.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { copyProject } from '../support/copy.ts';
import { parseBlocks } from '../support/markdown.ts';
import { openBrowser, withoutBrowser } from './browser.ts';
import { choice, says } from './console.ts';

const CONFIG =
  parseBlocks('README.md').find(({ before }) => before.includes('`hook.yaml`'))?.text ?? '';
const RULE = '  - operations: ["projects/outside/locations/*/operations/*"]\n';
const FREE = ['--port=0', '--function-port=0', '--emulator-port=0'];

suite('the first steps of a new user', { skip: withoutBrowser, timeout: 240_000 }, () => {
  let clone: string;
  let dev: ChildProcess;
  let browser: Browser;
  let page: Page;

  before(async () => {
    clone = copyProject();
    writeFileSync(join(clone, 'hook.yaml'), CONFIG);
    const args = ['run', 'dev', '--', '--config', 'hook.yaml', ...FREE];
    dev = spawn('npm', args, { cwd: clone, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(30_000);
    await page.goto(await pageOf(dev));
    await page.getByText('live', { exact: true }).waitFor();
  });
  after(async () => {
    await browser?.close();
    if (dev?.pid !== undefined) process.kill(-dev.pid, 'SIGTERM');
    rmSync(clone, { recursive: true });
  });

  const view = (name: string) => page.getByRole('tab', { name }).click();
  const fire = () => page.locator('#fire');
  const send = () => fire().getByRole('button', { name: 'Send' }).click();
  let name: string;

  test('a Slack command for a project that no rule covers is refused, and the page says why', async () => {
    const start = page.locator('#start');
    await choice(start, 'in').selectOption('projects/outside/locations/us-central1');
    await start.getByRole('button', { name: 'Start' }).click();
    const row = page.locator('tr[data-name]');
    await says(row.locator('.state'), 'running');
    name = (await row.getAttribute('data-name')) ?? assert.fail();
    assert.equal(await choice(fire(), 'Caller').inputValue(), 'slack');
    await send();
    await says(page.locator('#verdict'), 'NOT_ALLOWED');
    const pane = (title: string) => page.getByRole('article', { name: title });
    await says(pane('Deciding rule'), /No rule allowed it.*projects\/my-project/s);
    await says(pane('Response'), 'No rule for you covers this project.');
  });

  test('the allowlist explains it, and an edit of the copy allows it', async () => {
    await view('Allowlist');
    const form = page.locator('#explain');
    await choice(form, 'Caller').selectOption('slack');
    await choice(form, 'Operation').fill(name);
    await form.getByRole('button', { name: 'Explain' }).click();
    await says(page.locator('#explanation'), /denied: slack.*the project "outside"/s);
    await page.locator('#text').fill(CONFIG + RULE);
    await says(page.locator('#changes'), /slack may cancel/);
  });

  test('the edit in the file is read, and the same command cancels', async () => {
    writeFileSync(join(clone, 'hook.yaml'), CONFIG + RULE);
    await says(page.locator('#rules'), 'projects/outside/locations/*/operations/*');
    await view('Requests');
    await send();
    await says(page.locator('#verdict'), /200 CANCEL/);
    await says(page.locator(`tr[data-name="${name}"] .state`), /^cancelled$/);
  });
});

/** Reads the output of `dev` to its end. @returns the URL of the page, once it serves */
function pageOf({ stdout }: ChildProcess): Promise<string> {
  let written = '';
  return new Promise((resolve, reject) => {
    stdout?.on('data', (chunk) => {
      written += chunk;
      const [, url] = /the page +(\S+)\n/.exec(written) ?? [];
      if (url !== undefined && written.includes('Stop with Ctrl-C')) resolve(url);
    });
    stdout?.on('end', () => reject(new Error(`no page: ${written}`)));
  });
}
