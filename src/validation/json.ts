/** What a value from JSON turns out to be. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text where it is one, else none: what should be text may be anything. */
export function stringOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
