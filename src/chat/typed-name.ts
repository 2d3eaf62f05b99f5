/**
 * Names of resources as people type and paste them. A name may stand in quotes, brackets or markup
 * and may end in punctuation. What is inside is taken whole or not at all, so that a name that was
 * cut or altered never becomes the name of another resource.
 */

import { findResourceNames } from '../requests/find-resource-names.ts';
import { parseResourceName, type ResourceName } from '../resource-name.ts';

/** A name has at most 1,330 characters and a link has it twice, percent-encoded at worst. */
const MAX_WORD = 8_000;

/** Quotes and brackets of any script, and the markup of chats. */
const WRAPPER =
  /["'`\u00b4\uff02\uff07\u02bc\u2032-\u2036\u275b-\u2760<>|*_\p{Ps}\p{Pe}\p{Pi}\p{Pf}]/u;
const ONLY_WRAPPER = new RegExp(`^${WRAPPER.source}+$`, 'u');
const PUNCTUATION = /[.,;:!?]/;

/** Characters that nobody sees: zero-width ones, soft hyphens, byte order and direction marks. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Splits a text at white space. Drops invisible characters, and words that are only quotes. */
export function splitWords(text: string): string[] {
  const words = unescapeText(text).replace(INVISIBLE, '').split(/\s+/);
  return words.filter((word) => word !== '' && !ONLY_WRAPPER.test(word));
}

/** Returns a word without the quotes, brackets and markup around it and the punctuation at its end. */
export function unwrap(word: string): string {
  let end = word.length;
  while (
    end > 0 &&
    (WRAPPER.test(word.charAt(end - 1)) || PUNCTUATION.test(word.charAt(end - 1)))
  ) {
    end -= 1;
  }
  let start = 0;
  while (start < end && WRAPPER.test(word.charAt(start))) start += 1;
  const [before, after] = [word.slice(0, start), word.slice(end)];
  // An underscore can belong to a name: it is markup only where another one opened it. Two dots mark a cut.
  const isCut = after.includes('..') || count('_', after) > count('_', before);
  return isCut ? word : word.slice(start, end);
}

/** Returns the one operation that a word names, alone or in a link; undefined if it names none or two. */
export function parseTypedName(word: string): ResourceName | undefined {
  if (word.length > MAX_WORD) return undefined;
  // Markup that was pasted arrives escaped twice.
  const text = unwrap(unescapeText(word));
  return parseWholeName(text) ?? parseLink(text);
}

/** What ends in another character than a letter or a digit may have been cut. */
function parseWholeName(text: string): ResourceName | undefined {
  return /[A-Za-z0-9]$/.test(text) ? parseResourceName(text) : undefined;
}

/** Whether a word seems to hold the name of a resource, whole or not. */
export function mentionsOperation(word: string): boolean {
  return (
    /projects(?:\/|%2f)/i.test(word) &&
    /(?:operations|\/[a-z-]+\.googleapis\.com)(?:\/|%2f)/i.test(word)
  );
}

/**
 * Parses a URL, or a link of Slack's, `url|label`:
 * https://docs.slack.dev/messaging/formatting-message-text#linking-urls
 */
function parseLink(text: string): ResourceName | undefined {
  const [url = '', label = '', ...more] = text.split('|');
  if (!/^https?:\/\//i.test(url) || more.length > 0) return undefined;
  const found = findResourceNames([{ text: url }]);
  if (found.fragments.length > 0 || found.hasOther) return undefined;
  const names = new Set(found.names);
  // Slack labels an address that a person typed with the address, with or without its scheme.
  const isAddress = label === url || label === url.replace(/^https?:\/\//i, '');
  if (mentionsOperation(label) && !isAddress) {
    // A link whose label names another operation than its address could deceive somebody.
    const name = parseWholeName(unwrap(label));
    if (!name) return undefined;
    names.add(name);
  }
  const [operation, ...others] = names;
  return others.length === 0 ? operation : undefined;
}

/** Slack escapes these three characters, and no others, in what a person typed. */
function unescapeText(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: 'amp' | 'lt' | 'gt') => ENTITIES[name]);
}

const ENTITIES = { amp: '&', lt: '<', gt: '>' } as const;

function count(character: string, text: string): number {
  return text.split(character).length - 1;
}
