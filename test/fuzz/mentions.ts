/** Whether a body names an operation anywhere, however it is written there. */

/** Undoes each way in which senders write, in any order: JSON's escapes, forms, base64. */
export function mentions(body: Buffer, name: string): boolean {
  return within(body.toString('utf8'), name, 3);
}

function within(text: string, name: string, depth: number): boolean {
  if (text.includes(name)) return true;
  return depth > 0 && [unescaped, form, base64].some((undo) => within(undo(text), name, depth - 1));
}

/** A chat drops the characters that nobody sees. */
export function visible(body: Buffer): Buffer {
  return Buffer.from(unescaped(body.toString('utf8')).replace(/\p{Cf}/gu, ''));
}

function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll('\\/', '/');
}

function form(text: string): string {
  return [...new URLSearchParams(text)].flat().join('\n');
}

/** Every run of base64 that is long enough to hold a name. */
function base64(text: string): string {
  const runs = text.replaceAll('\\/', '/').match(/[A-Za-z0-9+/_-]{40,}={0,2}/g) ?? [];
  return runs.map((run) => Buffer.from(run, 'base64').toString('utf8')).join('\n');
}
