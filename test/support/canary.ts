/** Defines a secret that tests recognize in any encoding. */

import assert from 'node:assert/strict';

/** Its letters stay themselves in JSON and in a URL, and the rest does not. */
export const CANARY = 'canary/+="s3cret"';
const BARE = 'canary';

const inBase64 = (text: string) =>
  [0, 1, 2].map((before) =>
    Buffer.from(' '.repeat(before) + text)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, (before + text.length) % 3 === 0 ? undefined : -1),
  );

/** Also what is no canary, but as secret: whole, and in base64 and hexadecimal. */
function encodingsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...inBase64(secret),
  ];
}

const CANARIES = [BARE, Buffer.from(BARE).toString('hex')];

/** Fails where `said` holds the canary, or another of these secrets. */
export function assertNoLeak(said: string, secrets: readonly string[] = []): void {
  const unescaped = said.replace(/\\u([0-9a-f]{4})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  const unquoted = unescaped.replace(/%([0-9a-f]{2})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  for (const text of [said, unescaped, unquoted]) {
    for (const canary of CANARIES) {
      const at = text.toLowerCase().indexOf(canary);
      assert.ok(at < 0, `…${text.slice(Math.max(0, at - 100), at + 60)}…`);
    }
    for (const encoding of [...inBase64(BARE), ...secrets.flatMap(encodingsOf)]) {
      const at = text.indexOf(encoding);
      assert.ok(at < 0, `${encoding} in …${text.slice(Math.max(0, at - 100), at + 60)}…`);
    }
  }
}
