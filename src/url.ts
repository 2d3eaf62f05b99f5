/** Addresses, as configurations and senders give them. */

/** @returns undefined where `text` is no absolute URL */
export function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
