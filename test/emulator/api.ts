import { type Answer, decodePath, type Exchange } from './exchange.ts';
import { maskAnswer } from './field-mask.ts';
import { StatusError } from './status.ts';
import type { Tokens } from './tokens.ts';

/** One method of a Google REST API: a row of a surface's table. */
export interface Method {
  http: 'GET' | 'POST' | 'DELETE';
  /** Matches the decoded path; its one group is the resource's name, or the parent's. */
  path: RegExp;
  /** The RPC's full name, which errors quote. */
  name: string;
  /** The query parameters that it takes, by their JSON names. */
  query?: string[];
  /** The top-level fields of its response, where `fields` is to refuse others. */
  fields?: string[];
  /** It needs a token even where the emulator asks for none (`AuthMode` `cancel`). */
  alwaysAuthenticated?: true;
  run(exchange: Exchange, name: string): Answer;
}

/** https://cloud.google.com/apis/docs/system-parameters; the clients add `$alt`, `alt`, `prettyPrint`. */
const SYSTEM_PARAMETERS = new Set(
  'access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol $.xgafv $alt $prettyPrint $callback $fields $key $userProject $unique'.split(
    ' ',
  ),
);

/** From a template of google.api.http, whose variable stands in brackets. */
export function pathOf(template: string, version = 'v1'): RegExp {
  return new RegExp(`^/${version}/${template}$`);
}

/** Answers with the method that fits, after the checks that Google makes in front of all of them. */
export function serve(
  methods: Method[],
  service: string,
  tokens: Tokens,
  exchange: Exchange,
): Answer | undefined {
  const path = decodePath(exchange.path);
  for (const method of methods) {
    const name = method.http === exchange.method && path && method.path.exec(path)?.[1];
    if (!name) continue;
    requireLength(exchange);
    tokens.check(exchange, {
      service,
      name: method.name,
      always: method.alwaysAuthenticated ?? false,
    });
    checkQuery(exchange.query, method.query ?? []);
    return maskAnswer(method.run(exchange, name), exchange.query, method.fields);
  }
  return undefined;
}

/** Google's front end answers 411 to a POST that announces no length, not even an empty one. */
function requireLength({ method, headers }: Exchange): void {
  if (method !== 'POST' || headers['content-length'] || headers['transfer-encoding']) return;
  throw new LengthRequired();
}

export class LengthRequired extends Error {}

function checkQuery(query: URLSearchParams, known: string[]): void {
  for (const name of query.keys()) {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (SYSTEM_PARAMETERS.has(name) || known.includes(camel)) continue;
    throw new StatusError(
      'INVALID_ARGUMENT',
      `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`,
    );
  }
}

/**
 * The request's body as an object; an empty body is `{}`.
 * Fields that `known` does not list are refused in the words of Google's JSON transcoding.
 */
export function readBody(exchange: Exchange, known?: string[]): Record<string, unknown> {
  let value: unknown;
  try {
    value = exchange.body === '' ? {} : JSON.parse(exchange.body);
  } catch {
    throw new StatusError('INVALID_ARGUMENT', 'Invalid JSON payload received. Parsing failed.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new StatusError('INVALID_ARGUMENT', 'Invalid JSON payload received. Expected an object.');
  }
  const unknown = known ? Object.keys(value).filter((name) => !known.includes(name)) : [];
  if (unknown.length > 0) {
    const violations = unknown.map((name) => ({
      description: `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
    }));
    throw new StatusError('INVALID_ARGUMENT', violations.map((v) => v.description).join('\n'), {
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: violations,
        },
      ],
    });
  }
  return value as Record<string, unknown>;
}
