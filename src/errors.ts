/**
 * Errors in the form of Google APIs, `google.rpc.Status` as JSON: https://google.aip.dev/193
 */

/** The function's own errors: reason → HTTP status and canonical code. */
const REASONS = {
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
  INTERNAL: [500, 'INTERNAL'],
  CREDENTIALS_UNAVAILABLE: [503, 'UNAVAILABLE'],
  KEYS_UNAVAILABLE: [503, 'UNAVAILABLE'],
  UPSTREAM_UNAVAILABLE: [503, 'UNAVAILABLE'],
  UPSTREAM_DEADLINE_EXCEEDED: [504, 'DEADLINE_EXCEEDED'],
} as const satisfies Record<string, readonly [number, string]>;

export type Reason = keyof typeof REASONS;

/** One invalid field of a request, as in `google.rpc.BadRequest`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export interface StatusDetails {
  /** Strings only, as `google.rpc.ErrorInfo` asks. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  /** False where it is certain that no cancel was sent. */
  readonly sent?: false;
  /** True if the sender should repeat the request, although the status says that the error is final. */
  readonly retryable?: true;
  /** HTTP headers of the response, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  readonly unauthenticated?: UnauthenticatedReason;
}

/**
 * The only error that a response is made of. `message` is written for the caller; `cause` is for the
 * log and is never sent.
 */
export class StatusError extends Error {
  /** The HTTP status. */
  readonly code: number;
  /** The canonical code, for example `PERMISSION_DENIED`. */
  readonly status: string;
  /** The function's own reason, or `UPSTREAM` for an error of upstream's that is passed on. */
  readonly reason: Reason | 'UPSTREAM';
  readonly headers: Readonly<Record<string, string>>;
  /** As in the body's `ErrorInfo`; empty for an error of upstream. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Set if the reason is UNAUTHENTICATED; for the log only. */
  readonly unauthenticated: UnauthenticatedReason | undefined;
  /** False where it is certain that no cancel was sent. */
  sent: false | undefined;
  /** The message or alert that was refused, where its name or ID could be read. */
  alert: { readonly name: string; readonly id?: string | undefined } | undefined;
  /** The response's body, JSON text. */
  readonly body: string;
  /** Whether the sender should repeat the same request. */
  readonly retryable: boolean;

  protected constructor(
    reason: Reason | 'UPSTREAM',
    fields: { code: number; status: string; message: string; body: string },
    details: StatusDetails,
  ) {
    super(fields.message, { cause: details.cause });
    this.name = 'StatusError';
    this.reason = reason;
    this.code = fields.code;
    this.status = fields.status;
    this.body = fields.body;
    this.headers = details.headers ?? {};
    this.metadata = details.metadata ?? {};
    this.unauthenticated = details.unauthenticated;
    this.sent = details.sent;
    this.retryable = details.retryable ?? isRetryable(reason, fields.code);
  }

  static create(reason: Reason, message: string, details: StatusDetails = {}): StatusError {
    const [code, status] = REASONS[reason];
    const info = {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason,
      domain: 'cancel-hook',
      metadata: details.metadata ?? {},
    };
    const badRequest = {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: details.fieldViolations,
    };
    const error = {
      code,
      message,
      status,
      details: details.fieldViolations ? [info, badRequest] : [info],
    };
    return new StatusError(
      reason,
      { code, status, message, body: JSON.stringify({ error }) },
      details,
    );
  }

  /** Creates an error from upstream's own `google.rpc.Status`, which is passed on unchanged. */
  static upstream(
    error: { code: number; status: string; message: string },
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): StatusError {
    return new StatusError('UPSTREAM', { ...error, body }, { headers });
  }

  /** Converts anything that was thrown; what is not a StatusError becomes INTERNAL, without detail. */
  static from(thrown: unknown): StatusError {
    return thrown instanceof StatusError
      ? thrown
      : StatusError.create('INTERNAL', 'Internal error.', { cause: thrown });
  }

  /** Returns the error alone, for a list of results. */
  toJSON(): unknown {
    return JSON.parse(this.body).error;
  }
}

/** RATE_LIMITED is final: a caller that sends too many cancels must not be asked for more of them. */
function isRetryable(reason: StatusError['reason'], code: number): boolean {
  if (reason === 'RATE_LIMITED') return false;
  return code === 429 || (code >= 500 && code !== 501);
}

/** Why a request is not authenticated; for the log only. */
export type UnauthenticatedReason =
  | 'no-credentials'
  | 'scheme'
  | 'signature'
  | 'timestamp'
  | 'expired'
  | 'audience'
  | 'issuer'
  | 'email'
  | 'email-missing'
  | 'unknown-key'
  | 'malformed'
  | 'secret';

/**
 * Creates a 401. Its body is the same for every reason.
 *
 * @param challenge the value of `WWW-Authenticate`, if the scheme has one (RFC 9110, 11.6.1)
 */
export function unauthenticated(
  unauthenticated: UnauthenticatedReason,
  challenge?: string,
): StatusError {
  const headers = challenge === undefined ? {} : { 'WWW-Authenticate': challenge };
  const message = 'Missing or invalid credentials.';
  return StatusError.create('UNAUTHENTICATED', message, { headers, unauthenticated });
}

/** How many violations of a request a response lists. */
export const MAX_VIOLATIONS = 50;

/** Creates the error of a request that is readable but not valid. */
export function invalidRequest(...violations: FieldViolation[]): StatusError {
  const fieldViolations = violations.slice(0, MAX_VIOLATIONS);
  const text = fieldViolations.map(({ field, description }) => `${field}: ${description}`);
  return StatusError.create('INVALID_REQUEST', `Invalid request: ${text.join('; ')}.`, {
    fieldViolations,
  });
}
