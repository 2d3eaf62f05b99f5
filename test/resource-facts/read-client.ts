/** Reads what Google's generated clients say of a method: the code and types of the package `googleapis`. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('node_modules/', import.meta.url));

interface ClientMethod {
  readonly httpMethod: string;
  /** `/v1/{+name}:cancel` */
  readonly path: string;
  readonly parameters: readonly string[];
  /** The name of the schema, where the method takes a body. */
  readonly request: string | undefined;
  readonly response: string;
}

/** The fields of a schema and their types in TypeScript; an object written in place is fields again. */
export type Schema = Map<string, string | Schema>;

export interface Client {
  readonly origin: string;
  /** @param resource `Projects$Locations$Jobs`. @throws where the client has no such method */
  method(resource: string, name: string): ClientMethod;
  /** @param name `Job` */
  schema(name: string): Schema;
  readonly schemaNames: readonly string[];
}

export function versionOf(packageName: string): string {
  return JSON.parse(readFileSync(`${packages}${packageName}/package.json`, 'utf8')).version;
}

export function readClient(api: string, version: string): Client {
  const folder = `${packages}googleapis/build/src/apis/${api}/${version}`;
  const code = readFileSync(`${folder}.js`, 'utf8');
  const types = readFileSync(`${folder}.d.ts`, 'utf8').replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '');
  const fieldsOf = (name: string) => {
    const header = `interface ${name.replaceAll('$', '\\$')} (?:extends StandardParameters )?\\{`;
    return find(types, new RegExp(`${header}\\n([\\s\\S]*?)\\n?    \\}\\n`));
  };
  return {
    origin: find(code, /rootUrl \|\| '(https:[^']*)\/'/),
    schemaNames: [...types.matchAll(/interface Schema\$(\w+) /g)].map(([, name = '']) => name),
    schema: (name) => parseFields(fieldsOf(`Schema$${name}`).split('\n').values()),
    method(resource, name) {
      const start = `class Resource\\$${resource.replaceAll('$', '\\$')} \\{`;
      const body = find(code, new RegExp(`${start}\\n([\\s\\S]*?)\\n    \\}\\n`));
      const call = find(body, new RegExp(`\\n        ${name}\\((params[\\s\\S]*?pathParams)`));
      const signatures = find(types, new RegExp(`${start}\\n([\\s\\S]*?)\\n    \\}\\n`));
      const method = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const fields = parseFields(
        fieldsOf(`Params$Resource$${resource}$${method}`).split('\n').values(),
      );
      const body_ = fields.get('requestBody');
      return {
        httpMethod: find(call, /method: '(\w+)'/),
        path: find(call, /url: \(rootUrl \+\s*'([^']*)'/),
        parameters: [...fields.keys()].filter((field) => field !== 'requestBody'),
        request: typeof body_ === 'string' ? find(body_, /^Schema\$(\w+)/) : undefined,
        response: find(
          signatures,
          new RegExp(`\\n        ${name}\\(params\\?.*GaxiosResponseWithHTTP2<Schema\\$(\\w+)>`),
        ),
      };
    },
  };
}

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`has nothing that matches ${pattern}`);
  return found;
}

/** Reads the lines of an interface up to its end. */
function parseFields(lines: IterableIterator<string>): Schema {
  const fields: Schema = new Map();
  for (const line of lines) {
    if (/^ *\}/.test(line)) break;
    const [, name, type = ''] = /^ *(\w+|\[key: string\])\??: (.*?);?$/.exec(line) ?? [];
    if (name) fields.set(name, type.endsWith('{') ? parseFields(lines) : type);
  }
  return fields;
}

/** Definitions of protocol buffers, as the packages `@google-cloud/…` hold them. */
export interface Protos {
  /** `POST /v1/projects/∗/locations/∗/jobs/∗:cancel` */
  readonly httpRules: ReadonlySet<string>;
  /** @param path `google.cloud.batch.v1.JobStatus.State` */
  words(path: string): readonly string[];
}

export function readProtos(packageName: string): Protos {
  const text = readFileSync(`${packages}${packageName}/build/protos/protos.json`, 'utf8');
  const rules = text.matchAll(/"(get|post)": ?"(\/[^"]+)"/g);
  return {
    httpRules: new Set(
      [...rules].map(([, method = '', path = '']) => {
        const shape = path.replaceAll(/\{\w+=([^}]+)\}/g, '$1').replaceAll(/\{\w+\}/g, '*');
        return `${method.toUpperCase()} ${shape}`;
      }),
    ),
    words(path) {
      let node = JSON.parse(text);
      for (const name of path.split('.')) node = node.nested[name];
      return Object.keys(node.values);
    },
  };
}
