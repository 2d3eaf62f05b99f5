/** Why a text is no JSON (RFC 8259), told at the place where it stops being it. */

/** What is wrong with a text, without a word of it. */
export class NotJson extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(offset: number, expected: string, hint?: string) {
    super(`${expected} is expected here`);
    this.offset = offset;
    this.hint = hint;
  }
}

/** What stands for bytes that are none of UTF-8, such as the first ones of UTF-16. */
const NOT_UTF_8 = '\uFFFD';

/** @param afterComma whether a comma has just promised that something follows */
export function notJson(
  text: string,
  offset: number,
  expected: string,
  afterComma = false,
): NotJson {
  const there = text.slice(offset, offset + 2);
  if (text.trim() === '') return new NotJson(offset, expected, 'there is nothing yet');
  if (there[0] === NOT_UTF_8) return new NotJson(offset, expected, 'the text is not UTF-8');
  if (/^(\/\/|\/\*|#)/.test(there)) return new NotJson(offset, expected, 'JSON has no comments');
  if (/^['‘’“”]/.test(there)) return new NotJson(offset, expected, 'its quotes are "');
  if (afterComma && /^[\]}]/.test(there)) {
    return new NotJson(offset, expected, 'leave out the comma before it');
  }
  return new NotJson(offset, expected);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259, 7: they must be escaped
const BEGINNING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*/y;

/** @param offset of a double quote that begins what is no string */
export function notString(text: string, offset: number): NotJson {
  BEGINNING.lastIndex = offset;
  BEGINNING.test(text);
  const end = BEGINNING.lastIndex;
  const there = text[end] ?? '\n';
  if (there === '\\') {
    return new NotJson(end, 'an escape of JSON', 'a backslash itself is written twice');
  }
  if (there === '\n' || there === '\r') return new NotJson(end, 'a closing double quote');
  return new NotJson(end, 'an escape such as \\t, not the character itself,');
}
