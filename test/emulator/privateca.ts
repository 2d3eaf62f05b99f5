import { serve } from './api.ts';
import { caPoolMethods } from './ca-pool-methods.ts';
import type { CaPools } from './ca-pools.ts';
import type { Surface } from './exchange.ts';
import type { ListSettings } from './list-operations.ts';
import { locationMethods } from './locations.ts';
import type { Operation } from './operation.ts';
import { operationMethods } from './operation-methods.ts';
import type { Records } from './records.ts';
import type { Tokens } from './tokens.ts';

/**
 * Certificate Authority Service's REST surface for operations and for CA pools, after the
 * `google.api.http` rules of google/cloud/security/privateca/v1/service.proto.
 */
export function privateca(
  operations: Records<Operation>,
  pools: CaPools,
  tokens: Tokens,
  listSettings: () => ListSettings,
): Surface {
  const methods = [
    ...operationMethods(operations, listSettings),
    ...caPoolMethods(pools),
    ...locationMethods(),
  ];
  return (exchange) => serve(methods, 'privateca.googleapis.com', tokens, exchange);
}
