/** Finds environment variables that make Node or a library break what the function promises. */

interface Unsafe {
  readonly variable: string;
  /** Returns whether a value has the effect. */
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
    does: 'send access tokens to a server that only claims to be Google',
  },
  // https://nodejs.org/api/cli.html#--tls-keylogfile and #--inspecthostport
  {
    variable: 'NODE_OPTIONS',
    is: (value) => /(^|\s|")--(tls-keylog|inspect|debug)/.test(value),
    does: 'let others read the memory or the connections of the function',
  },
];

/** @returns why the function must not start in this environment, one message for each reason */
export function unsafeVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return UNSAFE.filter(({ variable, is }) => is(env[variable] ?? '')).map(
    ({ variable, does }) =>
      `is not usable while the environment variable ${variable} has its value: it would ${does}`,
  );
}
