/**
 * `npm run compare-resources`: compares every row of the table of resource types with Google's published
 * clients, and fails where one differs. What was compared is written to `compared.md`.
 */

import { writeFileSync } from 'node:fs';
import { resourceTypes } from '../../src/resources/index.ts';
import type { ResourceType } from '../../src/resources/resource-type.ts';
import { type Client, readClient, readProtos, type Schema, versionOf } from './read-client.ts';
import { makeSample } from './sample.ts';
import { STATES } from './states.ts';

const GOOGLEAPIS = 'googleapis';

/** One row's comparison: what was compared, and what differs. */
interface Comparison {
  readonly cells: string[];
  readonly differences: string[];
}

function compare(row: ResourceType): Comparison {
  const differences: string[] = [];
  const same = (what: string, ours: unknown, theirs: unknown) => {
    const [a, b] = [ours, theirs].map((value) => JSON.stringify(value));
    if (a !== b) differences.push(`${what}: the row has ${a}, the client ${b}`);
  };
  const allIn = (what: string, ours: Iterable<string>, theirs: readonly string[]) => {
    for (const name of ours) {
      if (!theirs.includes(name)) differences.push(`${what}: the client has no ${name}`);
    }
  };

  const api = row.service.replace('.googleapis.com', '');
  const isBigQuery = api === 'bigquery';
  const cancel = row.cancel(row.example);
  const parent = row.example.slice(0, row.example.lastIndexOf('/'));
  const version = /\/(v\d+)\//.exec(cancel.path)?.[1] ?? '';
  const client = readClient(api, version);
  const resource = isBigQuery ? 'Jobs' : toClassName(row.shape);
  const methods = {
    cancel: client.method(resource, 'cancel'),
    get: client.method(resource, 'get'),
    list: client.method(resource, 'list'),
  };

  same('origin', row.origin.replace('{location}-', ''), client.origin);
  same(
    'methods',
    ['POST', 'GET', 'GET'],
    Object.values(methods).map((m) => m.httpMethod),
  );
  const paths = [cancel.path, row.get(row.example), row.listPath(parent)];
  for (const [index, { path, parameters }] of Object.values(methods).entries()) {
    const [ours = '', query] = (paths[index] ?? '').split('?');
    const isList = index === 2;
    const values = isList ? valuesOfParent(parent, path) : valuesOfName(row.example);
    same(
      'path',
      ours,
      path.replaceAll(/\{\+?(\w+)\}/g, (_, name) => values[name] ?? `{${name}}`),
    );
    allIn('query', new URLSearchParams(query).keys(), parameters);
  }

  const { items, running, query, pageSize = 'pageSize', fields, hasUnreachable } = row.list;
  const parameters = [...Object.keys({ ...running, ...query }), pageSize, 'pageToken'];
  allIn('query of list', parameters, methods.list.parameters);
  if (row.hasMetadata) {
    const isPartial = methods.list.parameters.includes('returnPartialSuccess');
    same('returnPartialSuccess', hasUnreachable, isPartial);
  }
  const body = Object.keys(JSON.parse(cancel.body ?? '{}'));
  const request = methods.cancel.request ? [...client.schema(methods.cancel.request).keys()] : [];
  allIn('body', body, request);

  const page = client.schema(methods.list.response);
  same('unreachable', hasUnreachable, page.has('unreachable'));
  same('nextPageToken', true, page.has('nextPageToken'));
  const listed = page.get(items);
  if (!isBigQuery) same('items', `Schema$${methods.get.response}[]`, listed);

  const schema = client.schema(methods.get.response);
  const schemas = [schema, ...(isBigQuery && listed instanceof Map ? [listed] : [])];
  const read = new Set<string>();
  const endOf = (texts: Readonly<Record<string, string>>) => {
    const [ended] = schemas.map((fieldsOf) => {
      const named = { ...textsOf(row), ...texts };
      const sample = makeSample(client, fieldsOf, metadataOf(client), named);
      const state = row.toState(sample.resource);
      same('nameOf', row.example, row.nameOf(sample.resource, parent));
      same('createTime', true, state.createTime !== undefined);
      for (const path of sample.read) read.add(path);
      allIn('fields read', withoutAlternatives(row, sample.unknown, sample.read), []);
      return state.ended;
    });
    return ended;
  };
  endOf({ state: 'DONE' });

  const states = STATES[`${api} ${items}`] ?? [];
  const ends = states.flatMap((definition) => {
    const { httpRules, words } = readProtos(definition.package);
    const rule = `POST /${version}/${row.shape}:cancel`;
    same(rule, true, httpRules.has(rule));
    for (const [name, values] of Object.entries(definition.parameters ?? {})) {
      allIn(name, [{ ...running, ...query }[name] ?? []].flat(), words(values));
    }
    const known = words(definition.enum);
    const results = known.map((word) => [word, endOf({ [definition.field]: word })] as const);
    const undecided = results.flatMap(([word, end]) => (end ? [] : [word]));
    same(`running, ${definition.field}`, definition.running, undecided);
    return results;
  });
  const filter = String(running?.filter ?? '');
  const filtered = [...filter.matchAll(/"(\w+)"/g)].map(([, word = '']) => word);
  allIn(
    'filter',
    filtered,
    ends.map(([word]) => word),
  );
  same('fields', topLevel(fields.split(',')), topLevel([...read]));

  const used = [GOOGLEAPIS, ...new Set(states.map((definition) => definition.package))];
  const cells = [
    `\`//${row.service}/${row.shape}\``,
    `\`POST ${cancel.path}\`${body.length > 0 ? ` with ${body.join(', ')}` : ''}`,
    `\`GET ${paths[1]}\``,
    `\`GET ${paths[2]}\``,
    parameters.join(', '),
    `${items}${hasUnreachable ? ', unreachable' : ''}`,
    [...read].toSorted().join(', '),
    ends.map(([word, end]) => `${word}: ${end ?? 'running'}`).join(', '),
    used.map((name) => `${name} ${versionOf(name)}`).join(', '),
  ];
  return { cells, differences: [...new Set(differences)] };
}

/** `projects/∗/locations/∗/customJobs/∗` is `Projects$Locations$Customjobs` in the package. */
function toClassName(shape: string): string {
  const collections = shape.split('/').filter((segment) => segment !== '*');
  return collections
    .map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1).toLowerCase()}`)
    .join('$');
}

/** What the placeholders of a path stand for, where it reads one resource. */
function valuesOfName(name: string): Readonly<Record<string, string | undefined>> {
  const [, projectId, , region] = name.split('/');
  const id = name.split('/').at(-1);
  return { name, projectId, region, jobId: id, id };
}

/** The same where it lists a collection: most paths end in the collection's name, `{+name}` includes it. */
function valuesOfParent(
  collection: string,
  path: string,
): Readonly<Record<string, string | undefined>> {
  const isWhole = path.endsWith('/{+name}');
  const parent = isWhole ? collection : collection.slice(0, collection.lastIndexOf('/'));
  return { ...valuesOfName(parent), name: parent, parent };
}

/** The texts of fields that name the row's example. */
function textsOf({ example, shape }: ResourceType): Readonly<Record<string, string>> {
  const [, projectId = '', , location = ''] = example.split('/');
  const id = example.split('/').at(-1) ?? '';
  const isGlobal = shape === 'projects/*/builds/*';
  const name = isGlobal ? example.replace('/builds/', '/locations/global/builds/') : example;
  return {
    name,
    projectId,
    location,
    jobId: id,
    id,
    type: 'Completed',
    creationTime: '1767323045000',
  };
}

/** The schemas of what operations carry in `metadata`, as one. */
function metadataOf(client: Client): Schema {
  const names = client.schemaNames.filter((name) => name.endsWith('OperationMetadata'));
  return new Map(names.flatMap((name) => [...client.schema(name)]));
}

const FLAGS = ['requestedCancellation', 'cancelRequested', 'cancellationRequested'];

/**
 * Returns the fields that no schema has, without those that need not be there: each service has one of
 * three names for one flag, and operations of Dataproc have no verb, target or flag.
 */
function withoutAlternatives(
  row: ResourceType,
  unknown: ReadonlySet<string>,
  read: ReadonlySet<string>,
): string[] {
  const flags = FLAGS.map((flag) => `metadata.${flag}`);
  const hasFlag = flags.some((flag) => read.has(flag));
  const optional = row.hasMetadata
    ? flags.filter(() => hasFlag)
    : [...flags, 'metadata.verb', 'metadata.target'];
  return [...unknown].filter((path) => !optional.includes(path));
}

function topLevel(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => path.split(/[./]/)[0] ?? ''))].toSorted();
}

const HEADER = `# What the table of resource types was compared with

\`npm run compare-resources\` compares each row with Google's published clients and writes this file where
nothing differs. The methods, paths, parameters, fields and states below are the same in both.

| type | cancel | get | list | query of the list | in a page | fields read | states | compared with |
|---|---|---|---|---|---|---|---|---|
`;

const comparisons = resourceTypes.map((row) => {
  try {
    return compare(row);
  } catch (error) {
    return { cells: [], differences: [`${row.service} ${row.shape}: ${error}`] };
  }
});
const differing = comparisons.filter(({ differences }) => differences.length > 0);
for (const { cells, differences } of differing) {
  for (const difference of differences) console.error(`${cells[0] ?? ''} ${difference}`);
}
if (differing.length > 0) {
  console.error(`${differing.length} of ${comparisons.length} rows differ.`);
  process.exit(1);
}
const table = comparisons.map(({ cells }) => `| ${cells.join(' | ')} |\n`).join('');
writeFileSync(new URL('compared.md', import.meta.url), `${HEADER}${table}`);
console.log(`${comparisons.length} rows are the same in Google's clients.`);
