/** What someone may have meant by a pattern that cannot be one. The pattern is not repeated. */

import { knownServices, splitName, typesOf } from '../../resource-name.ts';
import { didYouMean } from '../did-you-mean.ts';

/** @param key the rule's key that the pattern stands under */
export function patternHint(text: string, key: 'operations' | 'targets'): string | undefined {
  const pattern = text.trim();
  if (pattern !== text) return 'leave out the space around it';
  if (key === 'operations' && pattern.startsWith('//'))
    return serviceHint(splitName(pattern).service);
  if (pattern.includes('projects/') && !pattern.startsWith('projects/')) {
    return 'it begins with projects/, or for another service with //SERVICE/projects/';
  }
  if (pattern.endsWith('/')) return 'leave out the slash at its end';
  if (/[\\^$+?()[\]{}|]|(^|\/)\.\*/.test(pattern)) {
    return 'there are no regular expressions: * stands for any run of characters in one segment';
  }
  if (key === 'operations' && /^projects\/[^/]+\/locations\/[^/]+(\/\*{1,2})?$/.test(pattern)) {
    return 'the operations of a location are projects/…/locations/…/operations/*';
  }
  if (key === 'operations' && /\*\*/.test(pattern)) {
    return '* is one segment, and all operations are projects/*/locations/*/operations/*';
  }
  return undefined;
}

/** @returns undefined if the service is known, or where none is near */
export function serviceHint(service: string): string | undefined {
  return typesOf(service).length > 0 ? undefined : didYouMean(service, knownServices());
}
