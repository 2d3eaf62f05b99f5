/** Faulty configurations, one fault each, and where the start must say that it is. */

export interface InvalidConfig {
  readonly what: string;
  readonly paths: readonly string[];
  readonly config: unknown;
  /** Whether a JSON Schema can see it, so that an editor shows it. */
  readonly bySchema: boolean;
}

const PATTERN = 'projects/p/locations/*/operations/*';

/** A sound configuration, all of whose keys say something. `OPS_TOKEN` must be set. */
export function validConfig() {
  return {
    callers: {
      ops: { type: 'json', auth: { bearer: ['env:OPS_TOKEN'] } },
      human: { type: 'json', auth: { basic: { username: 'u', password: 'env:OPS_TOKEN' } } },
      scheduler: {
        type: 'json',
        auth: { google: { audience: 'https://hook.example', emails: ['a@b.example'] } },
      },
      private: { type: 'json', auth: { iam: true } },
    },
    allow: [
      {
        description: 'all of p',
        operations: [PATTERN],
        callers: ['ops', 'scheduler'],
        principals: ['a@b.example'],
        verbs: ['create'],
        targets: ['projects/p/**'],
        sweep: false,
      },
    ],
    mode: 'enforce',
    endpoints: { privateca: 'https://privateca.example' },
    limits: { bodyBytes: 1000, upstreamSeconds: 9 },
  };
}

type Value = Record<string, unknown>;

const ops = (caller: Value) => ({
  ...validConfig(),
  callers: { ...validConfig().callers, ops: caller },
});
const auth = (value: unknown) => ops({ type: 'json', auth: value as Value });
const google = (over: Value) =>
  auth({ google: { audience: 'a', emails: ['a@b.example'], ...over } });
const rule = (over: Value) => ({ ...validConfig(), allow: [{ operations: [PATTERN], ...over }] });
const without = (key: 'callers' | 'allow') => {
  const { [key]: _, ...rest } = validConfig();
  return rest;
};
const AUTH = '$.callers.ops.auth';

function detectedBySchema(what: string, path: string | string[], config: unknown): InvalidConfig {
  return { what, paths: [path].flat(), config, bySchema: true };
}

/** What only the start can see. */
function detectedAtStart(what: string, path: string, config: unknown): InvalidConfig {
  return { what, paths: [path], config, bySchema: false };
}

const beyondLoopback = [
  'http://privateca.googleapis.com',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'http://127.0.0.1@example.com',
  'http://[::2]',
  'http://10.0.0.1',
  'ftp://127.0.0.1',
  'https://user:canary@privateca.googleapis.com',
  'https://privateca.googleapis.com/?key=canary',
  'https://privateca.googleapis.com/#f',
  'https://privateca.googleapis.com/v1',
  'privateca.googleapis.com',
  '//privateca.googleapis.com',
];

const neverMatching = [
  'projects/p/locations/l/operations',
  'projects/p/locations/l/operations/o/more',
  '/projects/p/locations/l/operations/o',
  'projects/p/locations/l/operations/o/',
  'projects//locations/l/operations/o',
  'projects/p/locations/l/jobs/o',
  'folders/p/locations/l/operations/o',
  'projects/p/locations/**',
  'projects/p/locations/l/operations/**',
  'projects/p/locations/l/operations/a**',
  'projects/p/locations/l/operations/(a|b)',
  'projects/p/locations/l/operations/a?',
  'projects/p/locations/l/operations/ü',
  'projects/p/locations/l/operations/a b',
  'projects/p/locations/l/operations/-*',
  'projects/p/locations/l/operations/.*',
  'projects/a:b:c/locations/l/operations/o',
  `projects/p/locations/l/operations/${'o'.repeat(129)}`,
  '//compute.googleapis.com/projects/p/locations/l/operations/o',
  '//*.googleapis.com/projects/p/locations/l/operations/o',
  '//dataproc.googleapis.com/projects/p/regions/r/clusters/c',
  '//aiplatform.googleapis.com/projects/p/locations/nowhere/customJobs/*',
  '*',
  '**',
];

export const INVALID_CONFIGS: readonly InvalidConfig[] = [
  detectedBySchema('no callers', '$.callers', without('callers')),
  detectedBySchema('no allowlist', '$.allow', without('allow')),
  detectedBySchema('an empty callers', '$.callers', { ...validConfig(), callers: {} }),
  detectedBySchema('callers that are a list', '$.callers', {
    ...validConfig(),
    callers: [validConfig().callers.ops],
  }),
  detectedBySchema('an empty allowlist', '$.allow', { ...validConfig(), allow: [] }),
  detectedBySchema('an allowlist that is no list', '$.allow', { ...validConfig(), allow: {} }),
  detectedBySchema('an unknown key', '$.calers', { ...validConfig(), calers: {} }),
  detectedBySchema('an unknown mode', '$.mode', { ...validConfig(), mode: 'dry-run' }),
  detectedBySchema('a route in capitals', '$.callers.Ops', {
    ...validConfig(),
    callers: { ...validConfig().callers, Ops: validConfig().callers.ops },
  }),
  detectedBySchema('a route with a slash', '$.callers["a/b"]', {
    ...validConfig(),
    callers: { ...validConfig().callers, 'a/b': validConfig().callers.ops },
  }),
  detectedBySchema('a route of 64 characters', `$.callers.${'a'.repeat(64)}`, {
    ...validConfig(),
    callers: { ...validConfig().callers, ['a'.repeat(64)]: validConfig().callers.ops },
  }),
  detectedBySchema('a caller that is no object', '$.callers.ops', {
    ...validConfig(),
    callers: { ...validConfig().callers, ops: 'json' },
  }),
  detectedBySchema('a caller without a type', '$.callers.ops.type', ops({ auth: { iam: true } })),
  detectedBySchema(
    'an unknown type',
    '$.callers.ops.type',
    ops({ type: 'toString', auth: { iam: true } }),
  ),
  detectedBySchema('a caller without authentication', AUTH, ops({ type: 'json' })),
  detectedBySchema('an unknown key of a caller', '$.callers.ops.secret', {
    ...ops({ type: 'json', auth: { iam: true }, secret: 'env:OPS_TOKEN' }),
  }),
  detectedBySchema('an empty auth', AUTH, auth({})),
  detectedBySchema('two schemes', AUTH, auth({ iam: true, bearer: 'env:OPS_TOKEN' })),
  detectedBySchema('an unknown scheme', `${AUTH}.none`, auth({ none: true })),
  detectedBySchema('iam that is false', `${AUTH}.iam`, auth({ iam: false })),
  detectedBySchema('a secret in the configuration', `${AUTH}.bearer`, auth({ bearer: 'canary' })),
  detectedBySchema(
    'a secret in a list',
    `${AUTH}.bearer[1]`,
    auth({ bearer: ['env:OPS_TOKEN', 'canary'] }),
  ),
  detectedBySchema('no secret in a list', `${AUTH}.bearer`, auth({ bearer: [] })),
  detectedBySchema(
    'a reference that is neither',
    `${AUTH}.bearer`,
    auth({ bearer: 'vault:canary' }),
  ),
  detectedBySchema('a variable that is no name', `${AUTH}.bearer`, auth({ bearer: 'env:' })),
  detectedBySchema(
    'basic without a user',
    `${AUTH}.basic.username`,
    auth({ basic: { password: 'env:OPS_TOKEN' } }),
  ),
  detectedBySchema(
    'basic without a password',
    `${AUTH}.basic.password`,
    auth({ basic: { username: 'u' } }),
  ),
  detectedBySchema('a user name with a colon', `${AUTH}.basic.username`, {
    ...auth({ basic: { username: 'a:b', password: 'env:OPS_TOKEN' } }),
  }),
  detectedBySchema(
    'google without an audience',
    `${AUTH}.google.audience`,
    auth({ google: { emails: ['a@b.c'] } }),
  ),
  detectedBySchema(
    'google without emails',
    `${AUTH}.google.emails`,
    auth({ google: { audience: 'a' } }),
  ),
  detectedBySchema('an empty audience', `${AUTH}.google.audience`, google({ audience: '' })),
  detectedBySchema(
    'an empty list of audiences',
    `${AUTH}.google.audience`,
    google({ audience: [] }),
  ),
  detectedBySchema('no email in the list', `${AUTH}.google.emails`, google({ emails: [] })),
  detectedBySchema('an email that is none', `${AUTH}.google.emails[0]`, google({ emails: ['*'] })),
  detectedBySchema('a rule without operations', '$.allow[0].operations', {
    ...validConfig(),
    allow: [{}],
  }),
  detectedBySchema('a rule with no operation', '$.allow[0].operations', rule({ operations: [] })),
  detectedBySchema('an unknown key of a rule', '$.allow[0].caller', rule({ caller: ['ops'] })),
  detectedBySchema('callers that are no list', '$.allow[0].callers', rule({ callers: 'ops' })),
  detectedBySchema('an empty list of callers', '$.allow[0].callers', rule({ callers: [] })),
  detectedBySchema(
    'an empty list of principals',
    '$.allow[0].principals',
    rule({ principals: [] }),
  ),
  detectedBySchema('an empty list of verbs', '$.allow[0].verbs', rule({ verbs: [] })),
  detectedBySchema('an empty list of targets', '$.allow[0].targets', rule({ targets: [] })),
  detectedAtStart(
    'a target that is no full name',
    '$.allow[0].targets[0]',
    rule({ targets: ['dev-*'] }),
  ),
  detectedBySchema('sweep that is a word', '$.allow[0].sweep', rule({ sweep: 'true' })),
  detectedBySchema('an unknown endpoint', '$.endpoints.iam', {
    ...validConfig(),
    endpoints: { iam: 'https://x' },
  }),
  detectedAtStart('verbs where resources have none', '$.allow[0].verbs', {
    ...rule({
      operations: [
        'projects/p/locations/l/operations/o',
        '//run.googleapis.com/projects/p/locations/l/jobs/j/executions/*',
      ],
      verbs: ['create'],
    }),
  }),
  detectedAtStart('targets where resources have none', '$.allow[0].targets', {
    ...rule({
      operations: ['//dataproc.googleapis.com/projects/*/regions/*/jobs/*'],
      targets: ['projects/**'],
    }),
  }),
  detectedBySchema('a service that is no name', '$.endpoints.services.x', {
    ...validConfig(),
    endpoints: { services: { x: 'https://x' } },
  }),
  detectedAtStart('an unknown service', '$.endpoints.services["compute.googleapis.com"]', {
    ...validConfig(),
    endpoints: { services: { 'compute.googleapis.com': 'https://x' } },
  }),
  detectedAtStart(
    "a service's base URL with a path",
    '$.endpoints.services["run.googleapis.com"]',
    {
      ...validConfig(),
      endpoints: { services: { 'run.googleapis.com': 'https://x/v2' } },
    },
  ),
  detectedAtStart(
    "a service's base URL without TLS",
    '$.endpoints.services["run.googleapis.com"]',
    {
      ...validConfig(),
      endpoints: { services: { 'run.googleapis.com': 'http://run.googleapis.com' } },
    },
  ),
  detectedBySchema('an unknown limit', '$.limits.bytes', {
    ...validConfig(),
    limits: { bytes: 1 },
  }),
  detectedBySchema('a limit of nothing', '$.limits.bodyBytes', {
    ...validConfig(),
    limits: { bodyBytes: 0 },
  }),
  detectedBySchema('a limit that is a word', '$.limits.bodyBytes', {
    ...validConfig(),
    limits: { bodyBytes: '9' },
  }),
  detectedBySchema('a time below zero', '$.limits.upstreamSeconds', {
    ...validConfig(),
    limits: { upstreamSeconds: -1 },
  }),
  detectedAtStart('a variable that is missing', `${AUTH}.bearer`, auth({ bearer: 'env:MISSING' })),
  detectedAtStart(
    'a variable that is empty',
    `${AUTH}.bearer[1]`,
    auth({ bearer: ['env:OPS_TOKEN', 'env:EMPTY'] }),
  ),
  detectedAtStart(
    'a file that is missing',
    `${AUTH}.bearer`,
    auth({ bearer: 'file:/nonexistent/token' }),
  ),
  detectedAtStart('a file that is empty', `${AUTH}.bearer`, auth({ bearer: 'file:/dev/null' })),
  detectedAtStart('a file that is a folder', `${AUTH}.bearer`, auth({ bearer: 'file:/tmp' })),
  detectedAtStart('a password that is missing', `${AUTH}.basic.password[0]`, {
    ...auth({ basic: { username: 'u', password: ['env:MISSING'] } }),
  }),
  detectedAtStart(
    'a signing secret without whsec_',
    `${AUTH}.standardWebhooks`,
    auth({ standardWebhooks: 'env:OPS_TOKEN' }),
  ),
  detectedAtStart(
    'a signing secret that is no base64',
    `${AUTH}.standardWebhooks`,
    auth({ standardWebhooks: 'env:NOT_BASE64' }),
  ),
  detectedAtStart(
    'a rule for a caller that is not there',
    '$.allow[0].callers[1]',
    rule({ callers: ['ops', 'slack'] }),
  ),
  detectedAtStart('a rule for toString', '$.allow[0].callers[0]', rule({ callers: ['toString'] })),
  detectedAtStart('an endpoint beyond loopback by http:', '$.endpoints.privateca', {
    ...validConfig(),
    endpoints: { privateca: 'http://privateca.googleapis.com' },
  }),
  detectedAtStart('a pattern that could never match', '$.allow[0].operations[0]', {
    ...rule({ operations: ['projects/p/locations/l/jobs/o'] }),
  }),
  detectedAtStart(
    'a target with ** in its middle',
    '$.allow[0].targets[0]',
    rule({ targets: ['projects/**/caPools/x'] }),
  ),
  detectedAtStart(
    'a target with an empty segment',
    '$.allow[0].targets[0]',
    rule({ targets: ['projects//caPools'] }),
  ),
  detectedAtStart(
    'a preset that takes more than a sweep may',
    '$.callers.ops.preset.limit',
    ops({
      type: 'alertmanager',
      auth: { bearer: 'env:OPS_TOKEN' },
      preset: { parent: 'projects/p/locations/-', olderThan: '1h', limit: 101 },
    }),
  ),
];

/** Many of two kinds: too many to start the function for each. */
export const VARIANTS: readonly InvalidConfig[] = [
  ...beyondLoopback.map((url) =>
    detectedAtStart(url, '$.endpoints.privateca', {
      ...validConfig(),
      endpoints: { privateca: url },
    }),
  ),
  ...neverMatching.map((pattern) =>
    detectedAtStart(
      pattern.slice(0, 60),
      '$.allow[0].operations[0]',
      rule({ operations: [pattern] }),
    ),
  ),
];
