import { type Method, pathOf, readBody } from './api.ts';
import type { CaPools } from './ca-pools.ts';
import { startDuration } from './duration.ts';
import { json } from './exchange.ts';
import { prefix } from './list-operations.ts';
import { paginate, param } from './paging.ts';
import { RequestIds } from './request-ids.ts';

const PARENT = '(projects/[^/]+/locations/[^/]+)';
const CA_POOL = '(projects/[^/]+/locations/[^/]+/caPools/[^/:]+)';
const SERVICE = 'google.cloud.security.privateca.v1.CertificateAuthorityService';
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

/** https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.caPools */
export function caPoolMethods(pools: CaPools): Method[] {
  const requestIds = new RequestIds();
  return [
    {
      http: 'POST',
      path: pathOf(`${PARENT}/caPools`),
      name: `${SERVICE}.CreateCaPool`,
      query: ['caPoolId', 'requestId'],
      run: (exchange, parent) => {
        const fields = readBody(exchange, CA_POOL_FIELDS);
        const id = param(exchange.query, 'caPoolId', 'ca_pool_id');
        return json(
          requestIds.once(exchange, () =>
            pools.create(parent, id, fields, startDuration(exchange)),
          ),
        );
      },
    },
    {
      http: 'GET',
      path: pathOf(`${PARENT}/caPools`),
      name: `${SERVICE}.ListCaPools`,
      query: ['filter', 'orderBy', 'pageSize', 'pageToken'],
      run: (exchange, parent) => {
        const { query, path } = exchange;
        const { items, nextPageToken } = paginate(pools.all(), query, path, ({ pool }) =>
          pool.name.startsWith(prefix(parent)),
        );
        return json({ caPools: items.map(({ pool }) => pool), nextPageToken });
      },
    },
    {
      http: 'GET',
      path: pathOf(CA_POOL),
      name: `${SERVICE}.GetCaPool`,
      run: (_, name) => json(pools.get(name)),
    },
    {
      http: 'DELETE',
      path: pathOf(CA_POOL),
      name: `${SERVICE}.DeleteCaPool`,
      query: ['requestId', 'ignoreDependentResources'],
      run: (exchange, name) =>
        json(requestIds.once(exchange, () => pools.delete(name, startDuration(exchange)))),
    },
  ];
}
