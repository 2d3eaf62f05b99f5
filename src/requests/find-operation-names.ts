/** Operations' names within free text and URLs, as people and alerting systems write them. */

import { type OperationName, parseOperationName } from '../resource-name.ts';

/** Where a name may begin, and what ends a word or a URL in prose. One pass finds both. */
const LANDMARK = /projects\/|[\s<>"'`()[\]{}|]/g;
const NAME = /projects\/[A-Za-z0-9._:-]+\/locations\/[A-Za-z0-9._-]+\/operations\/[A-Za-z0-9._-]+/y;
const NAME_CHARACTER = /[A-Za-z0-9._-]/;

/**
 * The different names in a text, in their order; none that is only a part of something longer. A
 * name ends at whatever no name can hold; a full stop at its end is punctuation.
 */
export function findOperationNames(text: string): OperationName[] {
  const names = new Set<OperationName>();
  let wordStart = 0;
  for (const { 0: landmark, index } of text.matchAll(LANDMARK)) {
    if (landmark !== 'projects/') {
      wordStart = index + 1;
    } else if (isBoundary(text, index, wordStart)) {
      const name = nameAt(text, index);
      if (name) names.add(name);
    }
  }
  return [...names];
}

/** Not within a longer word or path; a URL's path and the service's own prefix are fine. */
function isBoundary(text: string, index: number, wordStart: number): boolean {
  if (index === wordStart) return true;
  const before = text[index - 1] ?? '';
  if (before !== '/') return !NAME_CHARACTER.test(before);
  const service = '//privateca.googleapis.com/';
  return (
    text.startsWith('https://', wordStart) ||
    text.startsWith('http://', wordStart) ||
    text.slice(index - service.length, index) === service
  );
}

function nameAt(text: string, index: number): OperationName | undefined {
  NAME.lastIndex = index;
  const [candidate] = NAME.exec(text) ?? [];
  if (candidate === undefined || text[NAME.lastIndex] === '/') return undefined;
  // By hand: an expression for "dots at the end" starts anew at each dot of a long row.
  let end = candidate.length;
  while (candidate[end - 1] === '.') end -= 1;
  return parseOperationName(candidate.slice(0, end));
}
