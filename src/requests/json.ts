/** Bodies and answers that several callers share: JSON in, JSON out. */

import type { HttpResponse, WebhookRequest } from '../caller.ts';
import type { SweepResult } from '../command.ts';
import { invalidRequest, StatusError } from '../errors.ts';
import { fieldPath, type Validator } from '../validation/validator.ts';

/** Bytes that are no UTF-8 are refused, not guessed at; a byte order mark is let through. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether a body of this media type, or of none that is said, is worth reading as JSON. */
export function isJson(mediaType: string | undefined): boolean {
  return (
    mediaType === undefined ||
    mediaType === 'application/json' ||
    /^application\/[^/]+\+json$/.test(mediaType)
  );
}

/** @throws StatusError MALFORMED_BODY; its text tells nothing of the body */
export function parseJson({ body }: Pick<WebhookRequest, 'body'>): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw StatusError.create('MALFORMED_BODY', 'The body is not valid JSON in UTF-8.');
  }
}

/** A response lists at most so many faults of a request. */
export const MAX_VIOLATIONS = 50;

/** @throws StatusError INVALID_REQUEST, naming each field that is wrong */
export function validateBody<T>(check: Validator<T>, value: unknown): T {
  const result = check(value);
  if (result.ok) return result.value;
  throw invalidRequest(
    ...result.issues.slice(0, MAX_VIOLATIONS).map(({ path, message }) => ({
      field: fieldPath(path) || 'body',
      description: message,
    })),
  );
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

/** An error in the form of section 6 of the contract. */
export function errorResponse(error: StatusError): HttpResponse {
  return jsonResponse(error.code, error.body, error.headers);
}
