/** Makes text safe for a terminal and for a shell. */

/** Replaces secrets by `[secret]`, also as they are in JSON. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return parts
    .filter((part) => part.length >= 4)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, '[secret]'), text);
}

/** Escapes control characters, except line breaks and tabs, as JSON does. */
export function escapeControlChars(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Quotes text for a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
