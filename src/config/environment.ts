/** Variables by which Node or a library would break, behind the hook's back, what it promises. */

interface Unsafe {
  readonly variable: string;
  /** Whether this value is one that does it. */
  readonly is: (value: string) => boolean;
  readonly does: string;
}

const isSet = (value: string) => value !== '';

const UNSAFE: readonly Unsafe[] = [
  // https://nodejs.org/api/cli.html#node_debugmodule: `net` writes whole requests to stderr.
  { variable: 'NODE_DEBUG', is: isSet, does: 'write access tokens into the log' },
  // https://github.com/googleapis/google-cloud-node-core/tree/main/packages/google-logging-utils
  { variable: 'GOOGLE_SDK_NODE_LOGGING', is: isSet, does: 'write access tokens into the log' },
  // https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
  {
    variable: 'NODE_TLS_REJECT_UNAUTHORIZED',
    is: (value) => value === '0',
    does: 'give access tokens to whoever answers for Google',
  },
];

/** @returns why nothing may start in this environment, one text for each reason */
export function unsafeVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return UNSAFE.filter(({ variable, is }) => is(env[variable] ?? '')).map(
    ({ variable, does }) =>
      `cannot be kept while the environment variable ${variable} is set as it is: it would ${does}`,
  );
}
