/** The console with the demo's configuration, opened in a browser for each test, and its parts. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { type Console, startConsole } from '../console/server.ts';
import { type DemoApp, openDemoApp } from '../demo/app.ts';
import { openBrowser, withoutBrowser } from './browser.ts';

export interface OpenConsole {
  readonly app: DemoApp;
  readonly page: Page;
  /** The form that starts an operation. */
  start(): Locator;
  /** The form that sends a webhook. */
  fire(): Locator;
  row(name: string): Locator;
  stateOf(name: string): Locator;
  /** A part of the result, by its title. */
  pane(title: string): Locator;
  /** Starts an operation by the form. @returns its name */
  begin(pool: string): Promise<string>;
  send(): Promise<void>;
}

/** Returns the choice of a form that has this label. */
export const choice = (form: Locator, name: string): Locator =>
  form.getByRole('combobox', { name });

/** Waits until a part of the page holds a text. */
export const says = (where: Locator, text: string | RegExp): Promise<void> =>
  where.filter({ hasText: text }).waitFor();

/** Runs tests on the console. After each, the browser must have complained of nothing. */
export function suiteOfConsole(title: string, define: (open: OpenConsole) => void): void {
  suite(title, { skip: withoutBrowser, timeout: 280_000 }, () => {
    let app: DemoApp;
    let served: Console;
    let browser: Browser;
    let page: Page;
    let context: BrowserContext;
    /** What the browser complained of, and what it asked for. */
    let complaints: string[];
    let asked: URL[];

    before(async () => {
      app = await openDemoApp();
      served = await startConsole(app, 0);
      browser = await openBrowser();
      // Each test has a tab of one window: for a new window Chromium loads an interface of its own.
      context = await browser.newContext();
      await context.newPage();
    });
    after(async () => {
      await browser?.close();
      await served?.close();
      await app?.close();
    });
    beforeEach(async () => {
      [complaints, asked] = [[], []];
      page = await context.newPage();
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

    const open: OpenConsole = {
      get app() {
        return app;
      },
      get page() {
        return page;
      },
      start: () => page.locator('#start'),
      fire: () => page.locator('#fire'),
      row: (name) => page.locator(`tr[data-name="${name}"]`),
      stateOf: (name) => open.row(name).locator('.state'),
      pane: (name) => page.getByRole('article', { name }),
      async begin(pool) {
        await open.start().getByRole('textbox', { name: 'Name of the CA pool' }).fill(pool);
        await open.start().getByRole('button', { name: 'Start' }).click();
        const begun = page.locator('tr[data-name]').filter({ hasText: pool });
        await begun.waitFor();
        return (await begun.getAttribute('data-name')) ?? assert.fail();
      },
      async send() {
        await open.fire().getByRole('button', { name: 'Send' }).click();
      },
    };
    define(open);
  });
}
