/** What a delivery of alerts names: the operations to cancel, each whole or refused. */

import type { Alert, CancelTarget } from '../command.ts';
import { invalidRequest } from '../errors.ts';
import { parseOperationName } from '../resource-name.ts';
import { type FreeText, findOperationNames, type NameFragment } from './find-operation-names.ts';

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
    const operation = parseOperationName(value.trim());
    if (operation) return { operation, alert };
    const text = value.slice(0, 4 * MAX_SHOWN);
    const { names } = findOperationNames([{ text }]);
    const name = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    return { name, error: names.length > 1 ? several : none };
  };
}

/** Finds the one operation that the free text of an alert names; none where it names none. */
export function targetsFromText(
  field: string,
  texts: readonly FreeText[],
): Pick<AlertDelivery, 'targets' | 'unreadName'> {
  const { names, fragments, hasOther } = findOperationNames(texts);
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
