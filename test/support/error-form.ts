/** The form of every error of the hook's own: contract, section 6. */

import assert from 'node:assert/strict';

/** HTTP status and canonical code of each reason, as the contract's table has them. */
export const ERRORS = {
  MALFORMED_BODY: [400, 'INVALID_ARGUMENT'],
  INVALID_REQUEST: [400, 'INVALID_ARGUMENT'],
  UNAUTHENTICATED: [401, 'UNAUTHENTICATED'],
  NOT_ALLOWED: [403, 'PERMISSION_DENIED'],
  LIMIT_EXCEEDED: [403, 'PERMISSION_DENIED'],
  UNKNOWN_ROUTE: [404, 'NOT_FOUND'],
  METHOD_NOT_ALLOWED: [405, 'UNIMPLEMENTED'],
  BODY_TOO_LARGE: [413, 'INVALID_ARGUMENT'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'INVALID_ARGUMENT'],
  OVERLOADED: [429, 'RESOURCE_EXHAUSTED'],
  RATE_LIMITED: [429, 'RESOURCE_EXHAUSTED'],
  CREDENTIALS_UNAVAILABLE: [503, 'UNAVAILABLE'],
  KEYS_UNAVAILABLE: [503, 'UNAVAILABLE'],
  UPSTREAM_UNAVAILABLE: [503, 'UNAVAILABLE'],
  UPSTREAM_DEADLINE_EXCEEDED: [504, 'DEADLINE_EXCEEDED'],
  INTERNAL: [500, 'INTERNAL'],
} as const;

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface ErrorInfo {
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly { readonly field: string; readonly description: string }[];
}

/** Fails unless `answer` is exactly the hook's error for this reason, down to the keys. */
export function assertError(answer: Answered, reason: keyof typeof ERRORS): ErrorInfo {
  const [code, status] = ERRORS[reason];
  assert.equal(answer.status, code, answer.text);
  assert.match(answer.headers['content-type'] ?? '', /^application\/json(;|$)/);
  const body = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(body), ['error']);
  assert.deepEqual(Object.keys(body.error).sort(), ['code', 'details', 'message', 'status']);
  const [info, ...more] = body.error.details;
  const { message } = body.error;
  assert.ok(typeof message === 'string' && message.length > 0);
  assert.deepEqual([body.error.code, body.error.status], [code, status]);
  assert.deepEqual(info, {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'cancel-hook',
    metadata: info.metadata,
  });
  for (const value of Object.values(info.metadata)) assert.equal(typeof value, 'string');
  assert.equal(more.length, reason === 'INVALID_REQUEST' ? 1 : 0);
  if (more.length === 0) return { message, metadata: info.metadata, violations: [] };
  assert.equal(more[0]['@type'], 'type.googleapis.com/google.rpc.BadRequest');
  assert.ok(more[0].fieldViolations.length > 0);
  return { message, metadata: info.metadata, violations: more[0].fieldViolations };
}
