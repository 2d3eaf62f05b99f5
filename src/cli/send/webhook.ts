/** Creates the webhook that the options describe, before it is signed. */

import { checkAddress } from '../../validation/values.ts';
import { type Io, UsageError } from '../command.ts';
import { REQUESTS } from './bodies.ts';
import type { Option, Options } from './options.ts';
import type { Webhook } from './senders/webhook.ts';
import type { Settings } from './settings.ts';

/** @throws UsageError where an option would do nothing */
export function createWebhook(
  { values, name }: Options,
  settings: Settings,
  ofSigner: readonly Option[],
  io: Io,
): Webhook {
  const request = REQUESTS[settings.type];
  if (!request) throw new Error(`no request for ${settings.type}`);
  const { takes, headers, body } = request;
  const ofRequest = values.body === undefined ? takes : [];
  const all: readonly string[] = [...COMMON_OPTIONS, ...ofSigner, ...ofRequest];
  const unused = Object.keys(values).find((option) => !all.includes(option));
  if (unused !== undefined) {
    const why = takes.includes(unused as Option)
      ? '--body is the whole request'
      : `${settings.type} does not use it`;
    throw new UsageError(`--${unused} does nothing here: ${why}`);
  }
  const create = (sent: Webhook['body']): Webhook => ({
    method: 'POST',
    headers: headers(sent),
    body: sent,
  });
  if (values.body === undefined) return create(body({ values, name, settings }));
  if (name !== undefined) throw new UsageError('--body is the whole request: omit the operation');
  try {
    return create(io.readBytes(values.body));
  } catch {
    throw new UsageError('--body is not a readable file');
  }
}

const COMMON_OPTIONS = ['url', 'timeout', 'dry-run', 'config', 'caller', 'type', 'auth', 'body'];

/**
 * Returns the URL of a webhook. Secrets are sent only over TLS or within this machine.
 *
 * @param caller a route to add to the URL, unless it ends with it
 * @throws UsageError; its text does not repeat the URL, which may hold a secret
 */
export function resolveUrl(text: string, caller: string | undefined): URL {
  const problem = checkAddress(text, false);
  if (problem !== undefined) throw new UsageError(`--url ${problem}`);
  const url = new URL(text);
  const path = url.pathname.replace(/\/$/, '');
  if (caller !== undefined) url.pathname = path.endsWith(`/${caller}`) ? path : `${path}/${caller}`;
  return url;
}
