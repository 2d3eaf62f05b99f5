import type { Answer } from './exchange.ts';
import { StatusError } from './status.ts';

type Mask = Map<string, Mask>;

/**
 * Leaves of an answer what `fields` asks for, `jobs(status,reference/jobId),nextPageToken`.
 * https://cloud.google.com/apis/docs/system-parameters
 *
 * @param known the top-level fields of the response: others are INVALID_ARGUMENT, as Google answers
 */
export function maskAnswer(answer: Answer, query: URLSearchParams, known?: string[]): Answer {
  const fields = query.get('fields') ?? query.get('$fields');
  if (fields === null || fields === '' || fields === '*') return answer;
  const mask = parseMask(fields);
  for (const name of mask.keys()) if (known && !known.includes(name)) throw unknownField(name);
  const body = `${JSON.stringify(pick(JSON.parse(String(answer.body)), mask), null, 2)}\n`;
  return { ...answer, body };
}

/** Leaves of a message the fields of a `google.protobuf.FieldMask`, `name,job_spec.scheduling`. */
export function readMask(value: unknown, paths: string): unknown {
  const camel = paths.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return pick(value, parseMask(camel.replaceAll('.', '/')));
}

function parseMask(text: string): Mask {
  const tokens = text.match(/[\w@-]+|[*(),/]/g) ?? [];
  if (tokens.join('') !== text.replace(/\s/g, '')) throw unknownField(text);
  const list = (): Mask => {
    const mask: Mask = new Map();
    do {
      const path = [tokens.shift() ?? ''];
      while (tokens[0] === '/') path.push(tokens.splice(0, 2)[1] ?? '');
      if (path.some((name) => !/^([\w@-]+|\*)$/.test(name))) throw unknownField(text);
      const children = tokens[0] === '(' ? nested() : new Map();
      const [first = '', ...rest] = path;
      const below = rest.reduceRight<Mask>((inner, name) => new Map([[name, inner]]), children);
      mask.set(first, new Map([...(mask.get(first) ?? []), ...below]));
    } while (tokens[0] === ',' && tokens.shift());
    return mask;
  };
  const nested = (): Mask => {
    tokens.shift();
    const mask = list();
    if (tokens.shift() !== ')') throw unknownField(text);
    return mask;
  };
  const mask = list();
  if (tokens.length > 0) throw unknownField(text);
  return mask;
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, mask));
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const below = mask.get(name) ?? mask.get('*');
    return below ? [[name, pick(inner, below)]] : [];
  });
  return Object.fromEntries(kept);
}

function unknownField(field: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', 'Request contains an invalid argument.', {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [
          {
            field,
            description: `Error expanding 'fields' parameter. Cannot find matching fields for path '${field}'.`,
          },
        ],
      },
    ],
  });
}
