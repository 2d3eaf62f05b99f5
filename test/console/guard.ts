/**
 * Who may talk to the console: a page that it has served itself, in a browser on this machine. It
 * starts work and signs webhooks, so that no other page that the browser shows may reach it.
 */

import type { IncomingMessage } from 'node:http';

/** What the console will not do, said with a status. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Of every answer. The page needs nothing from elsewhere, and no markup that is made from text. */
export const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    ...['connect', 'img', 'script', 'style'].map((kind) => `${kind}-src 'self'`),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * @param port the console's own
 * @throws Refusal 421 for a name that was made to lead here (DNS rebinding), 403 for another origin,
 *   405, 415
 */
export function admit({ method, url, headers }: IncomingMessage, port: number): void {
  const { host, origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw new Refusal(421, 'The console answers to 127.0.0.1 and localhost only.');
  }
  if (method !== 'GET' && method !== 'POST') throw new Refusal(405, 'GET or POST.');
  // https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  const foreign = site !== 'same-origin' && site !== 'none' && url !== '/';
  const wrong =
    method === 'POST' ? origin !== `http://${host}` : origin && origin !== `http://${host}`;
  if (foreign || wrong) throw new Refusal(403, "Only the console's own page may ask this.");
  if (method === 'POST' && headers['content-type'] !== 'application/json') {
    throw new Refusal(415, 'application/json, please.');
  }
}
