/** Text for a terminal and for a shell, whatever is in it. */

/** Without the secrets, and without what a terminal would obey. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return parts
    .filter((part) => part.length >= 4)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, '[secret]'), text);
}

/** Control characters, but for line breaks and tabs, as JSON writes them. */
export function escapeControlChars(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Between single quotes, as a POSIX shell takes it literally. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
