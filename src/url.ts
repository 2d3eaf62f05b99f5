/** Addresses, as configurations and senders give them. */

/** @returns undefined where `text` is no absolute URL */
export function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/** A host that `http:` may be used with: what is sent there stays on the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
