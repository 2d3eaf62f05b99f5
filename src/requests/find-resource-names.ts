/**
 * Finds the names of resources in free text. A name is whole or it does not count, so that a name
 * that was cut or altered on its way never becomes the name of another resource.
 */

import type { Alert, CancelTarget } from '../command.ts';
import { invalidRequest } from '../errors.ts';
import {
  DEFAULT_SERVICE,
  joinName,
  parseResourceName,
  type ResourceName,
  typesOf,
} from '../resource-name.ts';
import type { ResourceType } from '../resources/resource-type.ts';
import {
  candidateOf,
  endsWhole,
  findOutline,
  type NameStart,
  parseNameStart,
} from './name-in-text.ts';

export interface FreeText {
  readonly text: string;
  /** Whether the sender may have cut the text at its end. */
  readonly mayBeCut?: boolean;
}

export interface NamesInText {
  /** The different whole names, in their order. */
  readonly names: readonly ResourceName[];
  /** The names that break off. */
  readonly fragments: readonly NameFragment[];
  /** Whether the text also holds what looks like a name, but is the name of something else. */
  readonly hasOther: boolean;
}

interface NameFragment {
  /** The name up to where it breaks off. */
  readonly prefix: string;
  /** Whether the text ends there. Otherwise it goes on in characters that no name has. */
  readonly isCut: boolean;
}

const KEYWORD = /projects|locations|operations/gi;
/** Texts that hold more of these words have another purpose than to name an operation. */
const MAX_KEYWORDS = 1_000;
/** A name that ends before its last ID does. */
const CUT_EARLY =
  /^projects\/[\w.:-]{1,140}(?:\/\w{0,9}(?:\/[\w.-]{0,140}(?:\/\w{0,30})?)?)?(?:\u2026|\.\.\.|\[truncated|$)/i;
/** A full name that goes on with something else than `projects`. */
const ALTERED_FULL_NAME = /(?<!:)\/\/([a-z]+\.googleapis\.com)\/(?!projects\/)/g;
/** A name has at most 1,330 characters, three times as many where it is percent-encoded. */
const MAX_LENGTH = 4_000;

/** The time that it takes is linear in the length of the texts. */
export function findResourceNames(texts: readonly FreeText[]): NamesInText {
  const names = new Set<ResourceName>();
  const fragments: NameFragment[] = [];
  let hasOther = false;
  let keywords = 0;
  for (const { text: given, mayBeCut = false } of texts) {
    const text = showByteOrderMark(given);
    let previous: number | undefined;
    let end = 0;
    for (const { index } of text.matchAll(KEYWORD)) {
      if (index < end) continue;
      keywords += 1;
      if (keywords > MAX_KEYWORDS) return { names: [], fragments: [TOO_MANY], hasOther };
      const rest = text.slice(index, index + MAX_LENGTH);
      const mayEndHere = mayBeCut && index + rest.length === text.length;
      const start = rest.startsWith('projects/') ? parseNameStart(text, index) : undefined;
      const outline = findOutline(rest, start?.service ?? DEFAULT_SERVICE);
      if (outline === undefined) {
        const before = previous === undefined ? ' ' : text.slice(previous, index).slice(-300);
        hasOther ||= isLooseName(before, rest) || isCutEarly(rest, mayEndHere);
      } else {
        const found = start && readName(rest, outline.type, start, mayEndHere);
        if (typeof found === 'string') names.add(found);
        else if (found) fragments.push(found);
        else hasOther = true;
        end = index + outline.text.length;
      }
      previous = index;
    }
    for (const [, service = ''] of text.matchAll(ALTERED_FULL_NAME)) {
      hasOther ||= typesOf(service).length > 0;
    }
  }
  return { names: [...names], fragments, hasOther };
}

/** JavaScript takes a byte order mark for white space. Within a text, it is a character that nobody sees. */
function showByteOrderMark(text: string): string {
  return text.replaceAll('\uFEFF', '\u200B');
}

const TOO_MANY: NameFragment = { prefix: 'projects/', isCut: false };

function readName(
  rest: string,
  type: ResourceType,
  start: NameStart,
  mayEndHere: boolean,
): ResourceName | NameFragment {
  const [candidate = ''] = candidateOf(type).exec(rest) ?? [];
  const whole = trimPunctuation(candidate);
  const path = start.inUrl ? decode(whole) : whole;
  const name = parseResourceName(joinName(start.service, path));
  if (name && /[A-Za-z0-9]$/.test(name) && endsWhole(rest, whole.length, start, mayEndHere)) {
    return name;
  }
  const [readable = ''] = /^[\w.:/-]*/.exec(rest) ?? [];
  return {
    prefix: joinName(start.service, trimPunctuation(name ? path : readable)),
    isCut: candidate !== '' && /^(?:$|[\s\u2026[])/.test(rest.slice(candidate.length)),
  };
}

/** Removes what no name ends in. By hand: an expression for it starts anew at each dot of a row. */
function trimPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && /[^A-Za-z0-9]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Whether a word of the text holds `operations` after another of a name's collections. */
function isLooseName(before: string, rest: string): boolean {
  return !/\s/.test(before) && /^operations(?:[/%\\&]|[^ -~\s])/i.test(rest);
}

function isCutEarly(rest: string, mayEndHere: boolean): boolean {
  const [cut] = CUT_EARLY.exec(rest) ?? [];
  return cut !== undefined && (cut.length < rest.length || mayEndHere || !/\w$/.test(cut));
}

export interface AlertDelivery {
  /** Whether an alert fires. Only then a preset runs. */
  readonly firing: boolean;
  /** The operations that the firing alerts name. */
  readonly targets: readonly CancelTarget[];
  /** The first alert that fires. */
  readonly alert?: Alert | undefined;
  /** A text looks as if it held a name, and none could be read. */
  readonly unreadName?: boolean;
  /** How many alerts the sender left out. */
  readonly truncatedAlerts?: number;
}

/** A delivery that does nothing: a test, or alerts that are resolved. */
export const NOTHING_FIRES: AlertDelivery = { firing: false, targets: [] };

/** The longest text that a response repeats. */
const MAX_SHOWN = 256;

/**
 * Creates the parser of a label or an annotation that holds one name, and nothing else. It shares its
 * errors: a delivery can have thousands of alerts.
 */
export function createFieldParser(field: string): (value: string, alert: Alert) => CancelTarget {
  const several = invalidRequest({ field, description: 'names more than one operation' });
  const none = invalidRequest({
    field,
    description: "is not an operation's full name, projects/…/locations/…/operations/…",
  });
  return (value, alert) => {
    const operation = parseResourceName(showByteOrderMark(value).trim());
    if (operation) return { operation, alert };
    const name = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    // Which of the two it is must cost little: a delivery can have thousands of such values.
    const starts = value.slice(0, 4 * MAX_SHOWN).split('projects/').length - 1;
    return { name, error: starts > 1 ? several : none };
  };
}

/** Finds the one operation that the free text of an alert names; none where it names none. */
export function targetsFromText(
  field: string,
  texts: readonly FreeText[],
): Pick<AlertDelivery, 'targets' | 'unreadName'> {
  const { names, fragments, hasOther } = findResourceNames(texts);
  const [operation, another] = names;
  const fragment = fragments.find((one) => !names.some((name) => isBeginning(one, name)));
  if (another !== undefined)
    return refuse(names.slice(0, 2).join(' '), 'names more than one operation');
  if (fragment) return refuse(`${fragment.prefix}…`, 'holds a name that is cut off or altered');
  return operation ? { targets: [{ operation }] } : { targets: [], unreadName: hasOther };

  function refuse(name: string, description: string) {
    return { targets: [{ name, error: invalidRequest({ field, description }) }] };
  }
}

/**
 * Whether a sender that cuts a field at `maxBytes` may have cut this text. It drops a last character,
 * of up to four bytes, that does not fit.
 */
export function mayBeCut(text: string | null | undefined, maxBytes: number): boolean {
  return Buffer.byteLength(text ?? '') > maxBytes - 4;
}

/** Whether a name that breaks off is the beginning of a whole name. An altered one goes on otherwise. */
function isBeginning({ prefix, isCut }: NameFragment, name: string): boolean {
  return name.startsWith(prefix) && (isCut || name.length > prefix.length);
}
