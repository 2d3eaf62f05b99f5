import { type Method, readBody, serve } from './api.ts';
import type { CaPools } from './ca-pools.ts';
import { parseDuration } from './duration.ts';
import { type Exchange, json, type Surface } from './exchange.ts';
import { parseDoneFilter } from './filter.ts';
import type { Operation, Operations } from './operations.ts';
import { paginate, param } from './paging.ts';
import { RequestIds } from './request-ids.ts';
import { StatusError } from './status.ts';
import type { Tokens } from './tokens.ts';

const PARENT = '(projects/[^/]+/locations/[^/]+)';
const OPERATION = '(projects/[^/]+/locations/[^/]+/operations/[^/:]+)';
const CA_POOL = '(projects/[^/]+/locations/[^/]+/caPools/[^/:]+)';
const OPERATIONS = 'google.longrunning.Operations';
const AUTHORITY = 'google.cloud.security.privateca.v1.CertificateAuthorityService';
const CA_POOL_FIELDS = [
  'name',
  'tier',
  'issuancePolicy',
  'issuance_policy',
  'publishingOptions',
  'publishing_options',
  'labels',
  'encryptionSpec',
  'encryption_spec',
];

/**
 * Certificate Authority Service's REST surface for operations and for CA pools, after
 * https://cloud.google.com/certificate-authority-service/docs/reference/rest and the
 * `google.api.http` rules of google/cloud/security/privateca/v1/service.proto.
 */
export function privateca(
  operations: Operations,
  pools: CaPools,
  tokens: Tokens,
  unreachable: () => string[],
): Surface {
  const requestIds = new RequestIds();
  const methods: Method[] = [
    {
      http: 'GET',
      path: path(`${PARENT}/operations`),
      name: `${OPERATIONS}.ListOperations`,
      query: ['filter', 'pageSize', 'pageToken', 'returnPartialSuccess'],
      run: (exchange, parent) => json(listOperations(operations, unreachable(), exchange, parent!)),
    },
    {
      http: 'GET',
      path: path(OPERATION),
      name: `${OPERATIONS}.GetOperation`,
      run: (_, name) => json(operations.get(name!) ?? missing(name!)),
    },
    {
      http: 'POST',
      path: path(`${OPERATION}:cancel`),
      name: `${OPERATIONS}.CancelOperation`,
      changes: true,
      run: (exchange, name) => {
        // "The request body must be empty", and an empty object is what generated clients send.
        readBody(exchange, ['name']);
        operations.cancel(name!);
        return json({});
      },
    },
    {
      http: 'DELETE',
      path: path(OPERATION),
      name: `${OPERATIONS}.DeleteOperation`,
      changes: true,
      run: (_, name) => {
        operations.delete(name!);
        return json({});
      },
    },
    {
      http: 'POST',
      path: path(`${PARENT}/caPools`),
      name: `${AUTHORITY}.CreateCaPool`,
      query: ['caPoolId', 'requestId'],
      run: (exchange, parent) => {
        const fields = readBody(exchange, CA_POOL_FIELDS);
        const id = param(exchange.query, 'caPoolId', 'ca_pool_id');
        return json(
          requestIds.once(exchange, () => pools.create(parent!, id, fields, duration(exchange))),
        );
      },
    },
    {
      http: 'GET',
      path: path(`${PARENT}/caPools`),
      name: `${AUTHORITY}.ListCaPools`,
      query: ['filter', 'orderBy', 'pageSize', 'pageToken'],
      run: (exchange, parent) => {
        const { query, path } = exchange;
        const { items, nextPageToken } = paginate(pools.all(), query, path, ({ pool }) =>
          pool.name.startsWith(prefix(parent!)),
        );
        return json({ caPools: items.map(({ pool }) => pool), nextPageToken });
      },
    },
    {
      http: 'GET',
      path: path(CA_POOL),
      name: `${AUTHORITY}.GetCaPool`,
      run: (_, name) => json(pools.get(name!)),
    },
    {
      http: 'DELETE',
      path: path(CA_POOL),
      name: `${AUTHORITY}.DeleteCaPool`,
      query: ['requestId', 'ignoreDependentResources'],
      changes: true,
      run: (exchange, name) =>
        json(requestIds.once(exchange, () => pools.delete(name!, duration(exchange)))),
    },
  ];
  return (exchange) => serve(methods, 'privateca.googleapis.com', tokens, exchange);
}

function listOperations(
  operations: Operations,
  unreachable: string[],
  { query, path }: Exchange,
  parent: string,
): { operations: Operation[]; nextPageToken?: string; unreachable?: string[] } {
  const filter = query.get('filter') ?? undefined;
  const done = parseDoneFilter(filter);
  const acrossLocations = parent.endsWith('/locations/-');
  if (param(query, 'returnPartialSuccess', 'return_partial_success') === 'true') {
    // ListOperationsRequest: "This can only be `true` when reading across collections."
    if (!acrossLocations) {
      throw new StatusError('INVALID_ARGUMENT', 'return_partial_success needs locations/-.');
    }
  }
  const down = acrossLocations ? unreachable.map((place) => parent.replace(/-$/, place)) : [];
  const { items, nextPageToken } = paginate(
    operations.all(),
    query,
    JSON.stringify([path, filter]),
    ({ name, read }) =>
      name.startsWith(prefix(parent)) &&
      !down.some((place) => name.startsWith(`${place}/`)) &&
      (done === undefined || read().done === done),
  );
  return {
    operations: items.map(({ read }) => read()),
    ...(nextPageToken ? { nextPageToken } : {}),
    ...(down.length > 0 ? { unreachable: down } : {}),
  };
}

/** What the names under a parent begin with; a location of `-` stands for all (AIP-159). */
function prefix(parent: string): string {
  return parent.endsWith('/locations/-') ? parent.slice(0, -1) : `${parent}/`;
}

function path(template: string): RegExp {
  return new RegExp(`^/v1/${template}$`);
}

/** How long the operation is to take: a header that only tests send. */
function duration({ headers }: Exchange): number | undefined {
  const given = headers['x-emulator-duration'];
  if (given === undefined) return undefined;
  const parsed = parseDuration(String(given));
  if (parsed === undefined) {
    throw new StatusError('INVALID_ARGUMENT', `X-Emulator-Duration: not a duration: ${given}`);
  }
  return parsed;
}

function missing(name: string): never {
  throw new StatusError('NOT_FOUND', `Resource '${name}' was not found`);
}
