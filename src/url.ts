/** Addresses, as configurations and senders give them. */

/** @returns undefined where `text` is no absolute URL */
export function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/** A host that `http:` may be used with: what is sent there stays on the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @returns why nothing may be sent to an address; undefined where there is no reason */
export function checkAddress(text: string, root: boolean): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'must be a URL';
  const plain = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !plain) return 'must be https: (http: for loopback hosts only)';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or a fragment';
  if (root && url.pathname !== '/') return 'must not have a path';
  return undefined;
}
