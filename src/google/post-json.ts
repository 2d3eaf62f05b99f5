/** Sends JSON to where a caller wants its words, such as Slack's `response_url`. */

import type { SendRequest } from './http-client.ts';

/** @returns a function that tells the answer's status, undefined where none came in time (milliseconds) */
export function postJson(
  request: SendRequest,
): (url: URL, body: string, timeout: number) => Promise<number | undefined> {
  return async (url, body, timeout) => {
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    const path = `${url.pathname}${url.search}`;
    try {
      return (await request({ method: 'POST', origin: url, path, headers, body, timeout })).status;
    } catch {
      return undefined;
    }
  };
}
