/** What callers share that receive and send JSON. */

import type { HttpResponse, WebhookRequest } from '../caller.ts';
import type { SweepResult } from '../command.ts';
import { type FieldViolation, invalidRequest, StatusError } from '../errors.ts';
import { type ConfigIssue, fieldPath, type Validator } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';

/** Refuses bytes that are not UTF-8. A byte order mark is accepted. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether a body of this media type can be JSON. Without a media type it can. */
export function isJson(mediaType: string | undefined): boolean {
  return (
    mediaType === undefined ||
    mediaType === 'application/json' ||
    /^application\/[^/]+\+json$/.test(mediaType)
  );
}

/** No sender nests deeper than 10. JSON.parse alone can take 100 ms for a body that is all brackets. */
const MAX_DEPTH = 100;
/**
 * What a body of 4 MiB, the largest, can hold at 21 bytes for a value. In deliveries of alerting systems
 * a value takes twice as much.
 */
const MAX_VALUES = 200_000;
/** Many different keys cost the most. The largest object of a sender has 100: the attributes of Pub/Sub. */
const MAX_FIELDS = 1_000;

/**
 * @throws StatusError MALFORMED_BODY, whose message does not quote the body, or INVALID_REQUEST for a
 *   body beyond MAX_DEPTH, MAX_VALUES, or MAX_FIELDS
 */
export function parseJson({ body }: Pick<WebhookRequest, 'body'>): unknown {
  try {
    const text = utf8.decode(body);
    if (!isCostly(body)) return JSON.parse(text);
  } catch {
    throw StatusError.create('MALFORMED_BODY', 'The body is not valid JSON in UTF-8.');
  }
  const description = `must nest at most ${MAX_DEPTH} deep, and have at most ${MAX_VALUES} values and ${MAX_FIELDS} fields of an object`;
  throw invalidRequest({ field: 'body', description });
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether the values of a body are nested too deep or too many, by its brackets and commas. Those within
 * strings do not count.
 */
function isCostly(body: Buffer): boolean {
  /** How many fields each open object has, from the outermost; a list has none. */
  const open: number[] = [];
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = findEnd(body, at);
    else if (byte === COMMA) {
      values += 1;
      const fields = (open.pop() ?? 0) + 1;
      if (fields > MAX_FIELDS) return true;
      open.push(fields);
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1;
      open.push(byte === OPEN_LIST ? Number.NEGATIVE_INFINITY : 1);
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) open.pop();
    if (open.length > MAX_DEPTH || values > MAX_VALUES) return true;
  }
  return false;
}

/** Returns where the string ends that begins at `start`; the length of the body if it does not end. */
function findEnd(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return at;
  }
  return body.length;
}

/** How many fields and how many items of a list a request in the function's own JSON can have. */
export const MAX_ITEMS = 50;

/** @throws StatusError INVALID_REQUEST, with each field that is wrong */
export function validateBody<T>(validate: Validator<T>, value: unknown): T {
  const result = validate(value);
  if (result.ok) return result.value;
  throw invalidRequest(...toViolations(result.issues));
}

export function toViolations(issues: readonly ConfigIssue[]): FieldViolation[] {
  return issues.map(({ path, message }) => ({
    field: fieldPath(path) || 'body',
    description: message,
  }));
}

/**
 * Refuses a body that can have more violations than a response lists, before all of them are looked for.
 *
 * @throws StatusError INVALID_REQUEST
 */
export function checkSize(body: unknown): void {
  if (!isRecord(body)) return;
  if (Object.keys(body).length > MAX_ITEMS) {
    throw invalidRequest({ field: 'body', description: `must have at most ${MAX_ITEMS} fields` });
  }
  const violations = Object.entries(body)
    .filter(([, value]) => Array.isArray(value) && value.length > MAX_ITEMS)
    .map(([key]) => ({
      field: fieldPath([key]),
      description: `must have at most ${MAX_ITEMS} items`,
    }));
  if (violations.length > 0) throw invalidRequest(...violations);
}

const JSON_TYPE = 'application/json; charset=utf-8';

export function jsonResponse(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { status, body, headers: { 'Content-Type': JSON_TYPE, ...headers } };
}

/** A response stays below 64 KiB. The log has every operation. */
const MAX_OPERATIONS_BYTES = 60_000;

/** Renders the properties `operations` and, where not all of them fit, `omitted`. */
export function renderOperations(operations: readonly object[]): string {
  const shown: string[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const text = JSON.stringify(operation);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > MAX_OPERATIONS_BYTES) break;
    shown.push(text);
  }
  const omitted = operations.length - shown.length;
  return `"operations":[${shown.join(',')}]${omitted > 0 ? `,"omitted":${omitted}` : ''}`;
}

/** The response to a sweep. Which rule decided is not the sender's business. */
export function renderSweep({ operations, unreachable, ...counts }: SweepResult): string {
  const shown = renderOperations(operations.map(({ rule: _, ...one }) => one));
  return `${JSON.stringify(counts).slice(0, -1)},${shown},"unreachable":${JSON.stringify(unreachable)}}`;
}

/** Renders an error as `google.rpc.Status`: https://google.aip.dev/193 */
export function errorResponse(error: StatusError): HttpResponse {
  return jsonResponse(error.code, error.body, error.headers);
}
