/** Faulty configurations, one fault each, and where the start must say that it is. */

export interface ConfigFault {
  readonly what: string;
  readonly paths: readonly string[];
  readonly config: unknown;
  /** Whether a JSON Schema can see it, so that an editor shows it. */
  readonly bySchema: boolean;
}

const PATTERN = 'projects/p/locations/*/operations/*';

/** A sound configuration, all of whose keys say something. `OPS_TOKEN` must be set. */
export function good() {
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

const ops = (caller: Value) => ({ ...good(), callers: { ...good().callers, ops: caller } });
const auth = (value: unknown) => ops({ type: 'json', auth: value as Value });
const google = (over: Value) =>
  auth({ google: { audience: 'a', emails: ['a@b.example'], ...over } });
const rule = (over: Value) => ({ ...good(), allow: [{ operations: [PATTERN], ...over }] });
const without = (key: 'callers' | 'allow') => {
  const { [key]: _, ...rest } = good();
  return rest;
};
const AUTH = '$.callers.ops.auth';

function seen(what: string, path: string | string[], config: unknown): ConfigFault {
  return { what, paths: [path].flat(), config, bySchema: true };
}

/** What only the start can see. */
function unseen(what: string, path: string, config: unknown): ConfigFault {
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

export const CONFIG_ERRORS: readonly ConfigFault[] = [
  seen('no callers', '$.callers', without('callers')),
  seen('no allowlist', '$.allow', without('allow')),
  seen('an empty callers', '$.callers', { ...good(), callers: {} }),
  seen('callers that are a list', '$.callers', { ...good(), callers: [good().callers.ops] }),
  seen('an empty allowlist', '$.allow', { ...good(), allow: [] }),
  seen('an allowlist that is no list', '$.allow', { ...good(), allow: {} }),
  seen('an unknown key', '$.calers', { ...good(), calers: {} }),
  seen('an unknown mode', '$.mode', { ...good(), mode: 'dry-run' }),
  seen('a route in capitals', '$.callers.Ops', {
    ...good(),
    callers: { ...good().callers, Ops: good().callers.ops },
  }),
  seen('a route with a slash', '$.callers["a/b"]', {
    ...good(),
    callers: { ...good().callers, 'a/b': good().callers.ops },
  }),
  seen('a route of 64 characters', `$.callers.${'a'.repeat(64)}`, {
    ...good(),
    callers: { ...good().callers, ['a'.repeat(64)]: good().callers.ops },
  }),
  seen('a caller that is no object', '$.callers.ops', {
    ...good(),
    callers: { ...good().callers, ops: 'json' },
  }),
  seen('a caller without a type', '$.callers.ops.type', ops({ auth: { iam: true } })),
  seen('an unknown type', '$.callers.ops.type', ops({ type: 'toString', auth: { iam: true } })),
  seen('a caller without authentication', AUTH, ops({ type: 'json' })),
  seen('an unknown key of a caller', '$.callers.ops.secret', {
    ...ops({ type: 'json', auth: { iam: true }, secret: 'env:OPS_TOKEN' }),
  }),
  seen('an empty auth', AUTH, auth({})),
  seen('two schemes', AUTH, auth({ iam: true, bearer: 'env:OPS_TOKEN' })),
  seen('an unknown scheme', `${AUTH}.none`, auth({ none: true })),
  seen('iam that is false', `${AUTH}.iam`, auth({ iam: false })),
  seen('a secret in the configuration', `${AUTH}.bearer`, auth({ bearer: 'canary' })),
  seen('a secret in a list', `${AUTH}.bearer[1]`, auth({ bearer: ['env:OPS_TOKEN', 'canary'] })),
  seen('no secret in a list', `${AUTH}.bearer`, auth({ bearer: [] })),
  seen('a reference that is neither', `${AUTH}.bearer`, auth({ bearer: 'vault:canary' })),
  seen('a variable that is no name', `${AUTH}.bearer`, auth({ bearer: 'env:' })),
  seen(
    'basic without a user',
    `${AUTH}.basic.username`,
    auth({ basic: { password: 'env:OPS_TOKEN' } }),
  ),
  seen('basic without a password', `${AUTH}.basic.password`, auth({ basic: { username: 'u' } })),
  seen('a user name with a colon', `${AUTH}.basic.username`, {
    ...auth({ basic: { username: 'a:b', password: 'env:OPS_TOKEN' } }),
  }),
  seen(
    'google without an audience',
    `${AUTH}.google.audience`,
    auth({ google: { emails: ['a@b.c'] } }),
  ),
  seen('google without emails', `${AUTH}.google.emails`, auth({ google: { audience: 'a' } })),
  seen('an empty audience', `${AUTH}.google.audience`, google({ audience: '' })),
  seen('an empty list of audiences', `${AUTH}.google.audience`, google({ audience: [] })),
  seen('no email in the list', `${AUTH}.google.emails`, google({ emails: [] })),
  seen('an email that is none', `${AUTH}.google.emails[0]`, google({ emails: ['*'] })),
  seen('a rule without operations', '$.allow[0].operations', { ...good(), allow: [{}] }),
  seen('a rule with no operation', '$.allow[0].operations', rule({ operations: [] })),
  seen('an unknown key of a rule', '$.allow[0].caller', rule({ caller: ['ops'] })),
  seen('callers that are no list', '$.allow[0].callers', rule({ callers: 'ops' })),
  seen('an empty list of callers', '$.allow[0].callers', rule({ callers: [] })),
  seen('an empty list of principals', '$.allow[0].principals', rule({ principals: [] })),
  seen('an empty list of verbs', '$.allow[0].verbs', rule({ verbs: [] })),
  seen('an empty list of targets', '$.allow[0].targets', rule({ targets: [] })),
  unseen('a target that is no full name', '$.allow[0].targets[0]', rule({ targets: ['dev-*'] })),
  seen('sweep that is a word', '$.allow[0].sweep', rule({ sweep: 'true' })),
  seen('an unknown endpoint', '$.endpoints.iam', { ...good(), endpoints: { iam: 'https://x' } }),
  unseen('verbs where resources have none', '$.allow[0].verbs', {
    ...rule({
      operations: [
        'projects/p/locations/l/operations/o',
        '//run.googleapis.com/projects/p/locations/l/jobs/j/executions/*',
      ],
      verbs: ['create'],
    }),
  }),
  unseen('targets where resources have none', '$.allow[0].targets', {
    ...rule({
      operations: ['//dataproc.googleapis.com/projects/*/regions/*/jobs/*'],
      targets: ['projects/**'],
    }),
  }),
  seen('a service that is no name', '$.endpoints.services.x', {
    ...good(),
    endpoints: { services: { x: 'https://x' } },
  }),
  unseen('an unknown service', '$.endpoints.services["compute.googleapis.com"]', {
    ...good(),
    endpoints: { services: { 'compute.googleapis.com': 'https://x' } },
  }),
  unseen("a service's base URL with a path", '$.endpoints.services["run.googleapis.com"]', {
    ...good(),
    endpoints: { services: { 'run.googleapis.com': 'https://x/v2' } },
  }),
  unseen("a service's base URL without TLS", '$.endpoints.services["run.googleapis.com"]', {
    ...good(),
    endpoints: { services: { 'run.googleapis.com': 'http://run.googleapis.com' } },
  }),
  seen('an unknown limit', '$.limits.bytes', { ...good(), limits: { bytes: 1 } }),
  seen('a limit of nothing', '$.limits.bodyBytes', { ...good(), limits: { bodyBytes: 0 } }),
  seen('a limit that is a word', '$.limits.bodyBytes', { ...good(), limits: { bodyBytes: '9' } }),
  seen('a time below zero', '$.limits.upstreamSeconds', {
    ...good(),
    limits: { upstreamSeconds: -1 },
  }),
  unseen('a variable that is missing', `${AUTH}.bearer`, auth({ bearer: 'env:MISSING' })),
  unseen(
    'a variable that is empty',
    `${AUTH}.bearer[1]`,
    auth({ bearer: ['env:OPS_TOKEN', 'env:EMPTY'] }),
  ),
  unseen('a file that is missing', `${AUTH}.bearer`, auth({ bearer: 'file:/nonexistent/token' })),
  unseen('a file that is empty', `${AUTH}.bearer`, auth({ bearer: 'file:/dev/null' })),
  unseen('a file that is a folder', `${AUTH}.bearer`, auth({ bearer: 'file:/tmp' })),
  unseen('a password that is missing', `${AUTH}.basic.password[0]`, {
    ...auth({ basic: { username: 'u', password: ['env:MISSING'] } }),
  }),
  unseen(
    'a signing secret without whsec_',
    `${AUTH}.standardWebhooks`,
    auth({ standardWebhooks: 'env:OPS_TOKEN' }),
  ),
  unseen(
    'a signing secret that is no base64',
    `${AUTH}.standardWebhooks`,
    auth({ standardWebhooks: 'env:NOT_BASE64' }),
  ),
  unseen(
    'a rule for a caller that is not there',
    '$.allow[0].callers[1]',
    rule({ callers: ['ops', 'slack'] }),
  ),
  unseen('a rule for toString', '$.allow[0].callers[0]', rule({ callers: ['toString'] })),
  unseen('an endpoint beyond loopback by http:', '$.endpoints.privateca', {
    ...good(),
    endpoints: { privateca: 'http://privateca.googleapis.com' },
  }),
  unseen('a pattern that could never match', '$.allow[0].operations[0]', {
    ...rule({ operations: ['projects/p/locations/l/jobs/o'] }),
  }),
  unseen(
    'a target with ** in its middle',
    '$.allow[0].targets[0]',
    rule({ targets: ['projects/**/caPools/x'] }),
  ),
  unseen(
    'a target with an empty segment',
    '$.allow[0].targets[0]',
    rule({ targets: ['projects//caPools'] }),
  ),
  unseen(
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
export const VARIANTS: readonly ConfigFault[] = [
  ...beyondLoopback.map((url) =>
    unseen(url, '$.endpoints.privateca', { ...good(), endpoints: { privateca: url } }),
  ),
  ...neverMatching.map((pattern) =>
    unseen(pattern.slice(0, 60), '$.allow[0].operations[0]', rule({ operations: [pattern] })),
  ),
];
