import { type Method, readBody } from './api.ts';
import { startDuration } from './duration.ts';
import { type Answer, type Exchange, json } from './exchange.ts';
import { newOperationName } from './operation.ts';
import { paginate } from './paging.ts';
import type { Records } from './records.ts';
import type { ResourceType, Route, View } from './resource-type.ts';
import { StatusError } from './status.ts';

export interface EmulatorContext {
  now(): number;
  /** A path as it was received, with the project's id in the place of its number. */
  withProjectId(path: string): string;
  /** The locations that a list across locations cannot reach. */
  unreachable(): string[];
}

/** The methods of one type: get, list, cancel, create, and the operations that these answer with. */
export function resourceMethods(
  type: ResourceType,
  records: Records<View>,
  context: EmulatorContext,
): Method[] {
  const operations = new Map<string, () => View>();
  const collection = type.pattern.slice(0, -2);
  const routes: Route[] = type.routes ?? [
    { collection, query: [], names: (path) => [path], parent: (path) => path },
  ];
  const base = type.base ? [type.base] : type.versions.map((version) => `/${version}`);
  const paths = (template: string) =>
    new RegExp(`^(?:${base.join('|')})/${template.replaceAll('*', '[^/]+')}$`);
  const rpc = (verb: string, plural = '') => `${type.rpc}.${verb}${type.noun}${plural}`;

  function find(route: Route, path: string, exchange: Exchange): { name: string; view: View } {
    const names = route.names(path, exchange).map(context.withProjectId);
    const name = names.find((each) => records.has(each)) ?? names[0] ?? path;
    return { name, view: records.existing(name) };
  }

  function answer(
    name: string,
    verb: 'create' | 'cancel',
    as: ResourceType['cancel']['answer'],
  ): Answer {
    const view = records.existing(name);
    if (as === 'empty') return json({});
    if (as === 'operation') return json(startOperation(name, view, verb));
    return json(as ? as(view) : view);
  }

  function startOperation(name: string, view: View, verb: 'create' | 'cancel'): View {
    const parent = name.split('/').slice(0, 4).join('/');
    const id = newOperationName(parent, context.now());
    const operationName = type.operationName?.(view, id) ?? id;
    const look = () => type.operation?.(records.existing(name), verb, operationName) ?? {};
    operations.set(operationName, look);
    return look();
  }

  const methods = routes.flatMap((route): Method[] => [
    {
      http: 'GET',
      path: paths(`(${route.collection})`),
      name: rpc('List', 's'),
      query: ['pageSize', 'pageToken', ...type.list.query, ...route.query],
      fields: listFields(type),
      alwaysAuthenticated: true,
      run: (exchange, path) => {
        const parent = context.withProjectId(route.parent(parentOf(path), exchange));
        return json(list(type, records, exchange, parent, context.unreachable()));
      },
    },
    {
      http: 'GET',
      path: paths(`(${route.collection}/[^/:]+)`),
      name: rpc('Get'),
      query: route.query,
      alwaysAuthenticated: true,
      run: (exchange, path) => json(find(route, path, exchange).view),
    },
    {
      http: 'POST',
      path: paths(`(${route.collection}/[^/:]+)${type.cancel.suffix ?? ':cancel'}`),
      name: rpc('Cancel'),
      query: route.query.filter((name) => name === 'location'),
      alwaysAuthenticated: true,
      run: (exchange, path) => {
        const body = readBody(exchange, type.cancel.fields);
        const { name, view } = find(route, path, exchange);
        type.cancel.check?.(body, exchange, view);
        if (!body.validateOnly) records.cancel(name);
        return answer(name, 'cancel', type.cancel.answer);
      },
    },
  ]);
  const create: Method = {
    http: 'POST',
    path: paths(type.create.path),
    name: `${type.rpc}.${type.create.rpc}`,
    query: type.create.query ?? [],
    alwaysAuthenticated: true,
    run: (exchange, path) => {
      const parent = context.withProjectId(path);
      const body = readBody(exchange);
      for (const field of type.create.required) requireField(body, field);
      const { query } = exchange;
      const started = type.create.start({ parent, body, query, now: context.now() });
      if (records.has(started.name)) {
        throw new StatusError('ALREADY_EXISTS', `Resource '${started.name}' already exists`);
      }
      const duration = startDuration(exchange);
      records.add({ ...started, ...(duration === undefined ? {} : { duration }) });
      return answer(started.name, 'create', type.create.answer);
    },
  };
  const operation: Method = {
    http: 'GET',
    path: paths('((?:projects/[^/]+/locations/[^/]+/)?operations/.+)'),
    name: 'google.longrunning.Operations.GetOperation',
    alwaysAuthenticated: true,
    run: (_, name) => {
      const look = operations.get(context.withProjectId(name));
      if (look) return json(look());
      throw new StatusError('NOT_FOUND', `Resource '${name}' was not found`);
    },
  };
  return [...methods, create, ...(type.operation ? [operation] : [])];
}

const parentOf = (collection: string) => collection.slice(0, collection.lastIndexOf('/'));

function listFields({ list }: ResourceType): string[] {
  return [
    list.items,
    'nextPageToken',
    ...(list.unreachable ? ['unreachable'] : []),
    ...Object.keys(list.constant ?? {}),
  ];
}

/** Newest record first: services that say anything of the order say that. */
function list(
  { list: shape, pattern }: ResourceType,
  records: Records<View>,
  { query, path }: Exchange,
  parent: string,
  unreachable: string[],
): View {
  const collection = pattern.split('/').at(-2);
  // A `-` stands for all of a collection (AIP-159).
  const within = [...parent.split('/'), collection];
  const isInside = (name: string) => {
    const parts = name.split('/');
    return (
      parts.length === within.length + 1 &&
      within.every((part, i) => part === '-' || part === parts[i])
    );
  };
  const down = /\/locations\/-(\/|$)/.test(parent) && shape.unreachable ? unreachable : [];
  const nameOf = (place: string) =>
    shape.unreachable === 'id' ? place : parent.replace(/\/-(\/|$)/, `/${place}$1`);
  const isDown = (name: string) => down.some((place) => name.includes(`/locations/${place}/`));
  const matches = shape.matches?.(query) ?? (() => true);
  const scope = new URLSearchParams(query);
  for (const name of ['pageToken', 'pageSize', 'maxResults']) scope.delete(name);
  const { items, nextPageToken } = paginate(
    [...records.all()].reverse(),
    query,
    `${path}?${scope}`,
    ({ name, read }) => isInside(name) && !isDown(name) && matches(read()),
    'falling',
  );
  const shown = items.map(({ read }) => shape.item?.(read(), query) ?? read());
  return {
    ...shape.constant,
    [shape.items]: shown,
    ...(nextPageToken ? { nextPageToken } : {}),
    ...(down.length > 0 ? { unreachable: down.map(nameOf) } : {}),
  };
}

function requireField(body: View, path: string): void {
  let value: unknown = body;
  for (const name of path.split('.')) value = (value as View | undefined)?.[name];
  if (value !== undefined && value !== '' && value !== null) return;
  throw new StatusError('INVALID_ARGUMENT', `Required field ${path} not set.`);
}
