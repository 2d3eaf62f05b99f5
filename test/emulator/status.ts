/** HTTP statuses by canonical code: google/rpc/code.proto and AIP-193. */
export const HTTP_STATUS = {
  CANCELLED: 499,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
} as const;

export type StatusName = keyof typeof HTTP_STATUS;

/** The JSON form in which every Google API answers an error (AIP-193, "HTTP/1.1+JSON representation"). */
export function errorBody(code: number, status: string, message: string, details?: unknown[]) {
  return { error: { code, message, status, ...(details ? { details } : {}) } };
}

/** The canonical code that an HTTP status most likely stands for. */
export function statusNameOf(httpStatus: number): string {
  const found = Object.entries(HTTP_STATUS).find(([, http]) => http === httpStatus);
  return found ? found[0] : 'UNKNOWN';
}

/** Thrown by a surface to answer with an error in Google's form. */
export class StatusError extends Error {
  readonly status: StatusName;
  readonly details: unknown[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: StatusName,
    message: string,
    options: { details?: unknown[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.details = options.details;
    this.headers = options.headers ?? {};
  }

  get body() {
    return errorBody(HTTP_STATUS[this.status], this.status, this.message, this.details);
  }
}
