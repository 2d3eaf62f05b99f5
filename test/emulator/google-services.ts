import { serve } from './api.ts';
import { json, type Surface } from './exchange.ts';
import type { NewRecord } from './record.ts';
import { Records } from './records.ts';
import { type EmulatorContext, resourceMethods } from './resource-methods.ts';
import type { ResourceType, View } from './resource-type.ts';
import { RESOURCE_TYPES } from './services/index.ts';
import { HTTP_STATUS, StatusError } from './status.ts';
import type { Tokens } from './tokens.ts';

interface Kept {
  type: ResourceType;
  names: RegExp;
  records: Records<View>;
}

export interface NamedResource {
  /** The full name, `//dataproc.googleapis.com/projects/…`. */
  name: string;
  /** RFC 3339: not every type says so itself. */
  createTime: string;
  view: View;
}

/** The services besides Certificate Authority Service, each with its types of resources. */
export class GoogleServices {
  /** Project numbers by project id: services that answer with numbers in names answer with these. */
  readonly projectNumbers: Record<string, string> = {};
  readonly #kept: Kept[];
  readonly #tokens: Tokens;

  constructor(
    now: () => number,
    defaults: { duration: number; cancelDelay: number },
    tokens: Tokens,
  ) {
    this.#tokens = tokens;
    this.#kept = RESOURCE_TYPES.map((type) => {
      const { refusal = 'FAILED_PRECONDITION', whenDone = 'refuse' } = type;
      const records = new Records(now, { ...defaults, refusal, whenDone }, (moment) =>
        type.view(type.numbers ? { ...moment, name: this.#withNumber(moment.name) } : moment),
      );
      const names = new RegExp(`^${type.pattern.replaceAll('*', '[^/]+')}$`);
      return { type, names, records };
    });
  }

  /** Adds a resource by its full name, `//dataproc.googleapis.com/projects/…`. */
  add(resource: NewRecord): View {
    const { records, name } = this.#of(resource.name);
    return records.add({ ...resource, name })();
  }

  get(fullName: string): View | undefined {
    const { records, name } = this.#of(fullName);
    return records.get(name);
  }

  /** All resources, by their full names. */
  all(): NamedResource[] {
    return this.#kept.flatMap(({ type, records }) =>
      [...records.all()].map(({ name, createTime, read }) => ({
        name: `//${type.service}/${name}`,
        createTime,
        view: read(),
      })),
    );
  }

  /** What answers on a service's port. */
  surface(service: string, { now, unreachable }: Omit<EmulatorContext, 'withProjectId'>): Surface {
    const withProjectId = (path: string) => this.#withId(path);
    const kept = this.#kept.filter(({ type }) => type.service === service);
    const methods = kept.flatMap(({ type, records }) =>
      resourceMethods(type, records, { now, unreachable, withProjectId }),
    );
    const surface: Surface = (exchange) => serve(methods, service, this.#tokens, exchange);
    return kept.some(({ type }) => type.legacyErrors) ? withLegacyErrors(surface) : surface;
  }

  #of(fullName: string): { records: Records<View>; name: string } {
    const [, service, path = ''] = /^\/\/([^/]+)\/(.+)$/.exec(fullName) ?? [];
    for (const { type, names, records } of this.#kept) {
      if (type.service !== service) continue;
      const name = type.fullName?.(path) ?? path;
      if (names.test(name)) return { records, name: this.#withId(name) };
    }
    throw new Error(`The emulator has no such type of resource: ${fullName}`);
  }

  #withNumber(name: string): string {
    return name.replace(/^projects\/([^/]+)/, (all, id: string) =>
      Object.hasOwn(this.projectNumbers, id) ? `projects/${this.projectNumbers[id]}` : all,
    );
  }

  #withId(path: string): string {
    return path.replace(/^projects\/([^/]+)/, (all, number: string) => {
      const id = Object.keys(this.projectNumbers).find(
        (each) => this.projectNumbers[each] === number,
      );
      return id === undefined ? all : `projects/${id}`;
    });
  }
}

/** The services that can be opened, by their short names. */
export const SERVICE_IDS: readonly string[] = [
  ...new Set(RESOURCE_TYPES.map(({ service }) => service.replace('.googleapis.com', ''))),
];

/** `{"error": {…, "errors": [{"message", "domain", "reason"}]}}`, as BigQuery answers. */
function withLegacyErrors(surface: Surface): Surface {
  const reasons: Record<string, string> = {
    NOT_FOUND: 'notFound',
    ALREADY_EXISTS: 'duplicate',
    UNAUTHENTICATED: 'required',
  };
  return (exchange) => {
    try {
      return surface(exchange);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { message, status, headers, body } = error;
      const errors = [{ message, domain: 'global', reason: reasons[status] ?? 'invalid' }];
      return json({ error: { ...body.error, errors } }, HTTP_STATUS[status], headers);
    }
  };
}
