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
/** Ten times as many as the largest delivery of an alerting system has. */
const MAX_OBJECTS = 100_000;

/**
 * @throws StatusError MALFORMED_BODY, whose message does not quote the body, or INVALID_REQUEST for a
 *   body beyond MAX_DEPTH or MAX_OBJECTS
 */
export function parseJson({ body }: Pick<WebhookRequest, 'body'>): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
    if (!isCostly(text)) return JSON.parse(text);
  } catch {
    throw StatusError.create('MALFORMED_BODY', 'The body is not valid JSON in UTF-8.');
  }
  const description = `must nest at most ${MAX_DEPTH} deep, and have at most ${MAX_OBJECTS} objects and lists`;
  throw invalidRequest({ field: 'body', description });
}

/** Whether objects and lists are nested too deep or too many. Brackets within strings do not count. */
function isCostly(text: string): boolean {
  let depth = 0;
  let objects = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '[' || char === '{') {
      if (++depth > MAX_DEPTH || ++objects > MAX_OBJECTS) return true;
    } else if (char === ']' || char === '}') depth--;
  }
  return false;
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
 * Refuses a body that can have more faults than a response lists, before all of them are looked for.
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

/** The response to a sweep. Which rule decided is not the sender's business. */
export function renderSweep(report: SweepResult): string {
  const operations = report.operations.map(({ rule: _, ...shown }) => shown);
  return JSON.stringify({ ...report, operations });
}

/** Renders an error as `google.rpc.Status`: https://google.aip.dev/193 */
export function errorResponse(error: StatusError): HttpResponse {
  return jsonResponse(error.code, error.body, error.headers);
}
