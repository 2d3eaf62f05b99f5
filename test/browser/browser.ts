/** A real browser, the machine's own: nothing is downloaded. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const found = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => existsSync(file));

/** Set by `.ci/run`: there a test that needs a browser fails without one. */
const required = process.env.CANCEL_HOOK_BROWSER === 'required';

/** Why a test cannot run, or false; for `skip`, so that it is said aloud. */
export const withoutBrowser: string | false =
  found === undefined && !required ? 'NOT TESTED: no chromium is installed' : false;

/** A browser that knows nobody, and asks for nothing but what it is told to open. */
export async function openBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error(`none of ${NAMES.join(', ')} is installed`);
  return chromium.launch({
    executablePath: found,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
