import { type Method, pathOf, readBody } from './api.ts';
import { json } from './exchange.ts';
import { type ListSettings, listOperations } from './list-operations.ts';
import type { Operation } from './operation.ts';
import type { Records } from './records.ts';

const PARENT = '(projects/[^/]+/locations/[^/]+)';
const OPERATION = '(projects/[^/]+/locations/[^/]+/operations/[^/:]+)';
const SERVICE = 'google.longrunning.Operations';

/** https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.operations */
export function operationMethods(
  operations: Records<Operation>,
  listSettings: () => ListSettings,
): Method[] {
  return [
    {
      http: 'GET',
      path: pathOf(`${PARENT}/operations`),
      name: `${SERVICE}.ListOperations`,
      query: ['filter', 'pageSize', 'pageToken', 'returnPartialSuccess'],
      fields: ['operations', 'nextPageToken', 'unreachable'],
      run: (exchange, parent) => json(listOperations(operations, listSettings(), exchange, parent)),
    },
    {
      http: 'GET',
      path: pathOf(OPERATION),
      name: `${SERVICE}.GetOperation`,
      run: (_, name) => json(operations.existing(name)),
    },
    {
      http: 'POST',
      path: pathOf(`${OPERATION}:cancel`),
      name: `${SERVICE}.CancelOperation`,
      alwaysAuthenticated: true,
      run: (exchange, name) => {
        // "The request body must be empty", and an empty object is what generated clients send.
        readBody(exchange, ['name']);
        operations.cancel(name);
        return json({});
      },
    },
    {
      http: 'DELETE',
      path: pathOf(OPERATION),
      name: `${SERVICE}.DeleteOperation`,
      alwaysAuthenticated: true,
      run: (_, name) => {
        operations.delete(name);
        return json({});
      },
    },
  ];
}
