/** Whether a body names an operation anywhere, however it is written there. */

/**
 * Undoes each way in which senders write, in any order: JSON's escapes, forms, base64.
 *
 * @param inChat whether characters that nobody sees do not count
 */
export function mentions(body: Buffer, name: string, inChat: boolean): boolean {
  return within(body.toString('utf8'), name, inChat, 3);
}

function within(text: string, name: string, inChat: boolean, depth: number): boolean {
  if ((inChat ? text.replace(/\p{Cf}/gu, '') : text).includes(name)) return true;
  const undos = depth > 0 ? [unescaped, form, base64] : [];
  return undos.some((undo) => within(undo(text), name, inChat, depth - 1));
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
