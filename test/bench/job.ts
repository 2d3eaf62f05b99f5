/** The job that every candidate is given: the same credentials, rules and operations for all. */

export const TOKEN = 'bench-token-0123456789';
export const OPERATIONS = 'projects/my-project/locations/us-central1/operations';

/** Twenty, of which the last gives what is asked for: no one is helped by the order. */
export const RULES: readonly string[] = [
  ...Array.from({ length: 19 }, (_, team) => `projects/team-${team + 1}/locations/*/operations/*`),
  'projects/my-project/locations/*/operations/*',
];

/** A prime number of them, so that they fall to the connections in ever new order. */
export const NAMES: readonly string[] = Array.from(
  { length: 97 },
  (_, index) => `${OPERATIONS}/operation-${1_000 + index}`,
);

export interface HookOptions {
  readonly upstream: string;
  /** Patterns of operations, a rule for each. */
  readonly allow?: readonly string[];
  readonly limits?: Readonly<Record<string, number>>;
}

/** cancel-hook's configuration for it; `alerts` is for the payloads of many alerts. */
export function hookConfig({ upstream, allow = RULES, limits = {} }: HookOptions) {
  return {
    callers: {
      ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
      alerts: { type: 'alertmanager', wait: '0s', auth: { bearer: 'env:OPS_TOKEN' } },
    },
    allow: allow.map((pattern) => ({
      callers: ['ops', 'alerts'],
      operations: [pattern],
      sweep: true,
    })),
    limits,
    endpoints: { privateca: upstream },
  };
}

/** The bytes of a request: what a sender sends that keeps its connection. */
export function requestBytes(path: string, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** A cancel of each name, ready to be sent. */
export function cancels(path: string): Buffer[] {
  return NAMES.map((name) => requestBytes(path, { name }));
}
