/** Takes the hook's own access token out of what upstream says, should it echo it, in whatever dress. */

import type { HttpResponse } from './http-client.ts';

/** A shorter one could stand in its encoded forms by chance. */
const LEAST_ENCODED = 16;
/** Tokens whose forms are remembered: the one in use, and those before it. */
const MOST_KNOWN = 8;

/** Should upstream echo the token, nobody sees it; anything else stays as it came. */
export function blank(received: HttpResponse, tokens: ReadonlySet<string>): HttpResponse {
  const given = received.body;
  // No form of a token is shorter than the token.
  if (![...tokens].some((token) => token.length <= given.length)) return received;
  const json = parse(given);
  // Parsed and written anew, so that no escape within the JSON hides the token.
  const plain = json === undefined ? given : write(json);
  // Too deep to be written is too deep to be searched.
  if (plain === undefined) return { ...received, body: '[]' };
  // Of two equal keys the parser keeps but one: the text as it came is looked at as well.
  const came = withoutEscapes(given);
  const forms = [...tokens].map(formsOf);
  if (!forms.some((form) => plain.search(form) >= 0 || came.search(form) >= 0)) return received;
  const body = forms.reduce((text, form) => text.replace(form, '[REDACTED]'), plain);
  return { ...received, body };
}

const known = new Map<string, RegExp>();

/** In plain, each character escaped as it may be, in base64 of either alphabet, in hexadecimal. */
function formsOf(token: string): RegExp {
  const remembered = known.get(token);
  if (remembered) return remembered;
  const forms = [[...token].map(plainOrEscaped).join('')];
  if (token.length >= LEAST_ENCODED) {
    const hex = hexOf(token);
    forms.push(...base64Of(token).map(literal), hex, hex.toUpperCase());
  }
  const form = new RegExp(forms.join('|'), 'g');
  const [oldest] = known.keys();
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(token, form);
  return form;
}

/**
 * Percent-encoded (RFC 3986, 2.1), in JSON's way or in HTML's; also twice, as in JSON that stands in
 * JSON. So many levels, and no more, so that no text can make the search for them long.
 */
function plainOrEscaped(character: string): string {
  const code = character.charCodeAt(0);
  const hex = [...hexOf(character)].map((digit) => `[${digit}${digit.toUpperCase()}]`).join('');
  const ways = [
    literal(character),
    `\\\\{1,8}(?:${literal(character)}|u00${hex})`,
    `%(?:25){0,4}${hex}`,
    `&#(?:${code}|[xX]${hex});`,
  ];
  return `(?:${ways.join('|')})`;
}

/** What of it does not depend on what stands before and after it, for each place in a group of three. */
function base64Of(token: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(' '.repeat(before) + token);
    const first = before === 0 ? 0 : before + 1;
    const last = bytes.length % 3 === 0 ? undefined : -1;
    return (['base64', 'base64url'] as const).map((alphabet) =>
      bytes.toString(alphabet).replace(/=+$/, '').slice(first, last),
    );
  });
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** JSON text with its escapes undone, wherever they stand (RFC 8259, 7). */
function withoutEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, character = '') =>
    code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function write(json: unknown): string | undefined {
  try {
    return JSON.stringify(json);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
