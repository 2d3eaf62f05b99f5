/**
 * Long-running operations that look like those of Certificate Authority Service: one row per service.
 *
 * Paths, parameters and metadata are those of each service's Discovery document
 * (https://developers.google.com/discovery); what an end means: https://google.aip.dev/151
 */

import {
  describeType,
  type EndState,
  permissionsOf,
  type Resource,
  type ResourceState,
  type ResourceType,
  recordOrEmpty,
  textOrUndefined,
  timeOrUndefined,
} from './resource-type.ts';

/**
 * The version of the API, v1 where it can cancel operations: osconfig can in v2 only. The services that
 * have both (gkehub, notebooks) have the same methods in both.
 */
const VERSIONS: Readonly<Record<string, string>> = {
  agentregistry: 'v1',
  alloydb: 'v1',
  apigateway: 'v1',
  apigeeregistry: 'v1',
  apihub: 'v1',
  apphub: 'v1',
  backupdr: 'v1',
  beyondcorp: 'v1',
  blockchainnodeengine: 'v1',
  certificatemanager: 'v1',
  clouddeploy: 'v1',
  config: 'v1',
  connectors: 'v1',
  dataform: 'v1',
  datafusion: 'v1',
  datamigration: 'v1',
  dataplex: 'v1',
  datastream: 'v1',
  developerconnect: 'v1',
  eventarc: 'v1',
  file: 'v1',
  firebaseapphosting: 'v1',
  firebasedataconnect: 'v1',
  gkebackup: 'v1',
  gkehub: 'v1',
  gkeonprem: 'v1',
  hypercomputecluster: 'v1',
  ids: 'v1',
  looker: 'v1',
  managedkafka: 'v1',
  memcache: 'v1',
  metastore: 'v1',
  migrationcenter: 'v1',
  netapp: 'v1',
  networkconnectivity: 'v1',
  networksecurity: 'v1',
  networkservices: 'v1',
  notebooks: 'v1',
  observability: 'v1',
  oracledatabase: 'v1',
  osconfig: 'v2',
  parallelstore: 'v1',
  privateca: 'v1',
  rapidmigrationassessment: 'v1',
  redis: 'v1',
  securesourcemanager: 'v1',
  vmmigration: 'v1',
  workloadmanager: 'v1',
};

/** Services whose lists know neither `unreachable` nor `returnPartialSuccess`, nor then `locations/-`. */
const LISTS_ONE_LOCATION = [
  'apigeeregistry',
  'blockchainnodeengine',
  'rapidmigrationassessment',
  'securesourcemanager',
];

/** Prefixes of permissions that are not the service's name: https://cloud.google.com/iam/docs/permissions-reference */
const PERMISSION_PREFIXES: Readonly<Record<string, string>> = { rapidmigrationassessment: 'rma' };

/** Without `response`, which may be large: certificates, for one. */
export const OPERATION_FIELDS = 'name,done,error,metadata';

export const operations: readonly ResourceType[] = Object.entries(VERSIONS).map(([api, version]) =>
  describeOperations(api, version),
);

function describeOperations(api: string, version: string): ResourceType {
  const hasUnreachable = !LISTS_ONE_LOCATION.includes(api);
  return describeType({
    service: `${api}.googleapis.com`,
    version,
    shape: 'projects/*/locations/*/operations/*',
    list: {
      items: 'operations',
      // No service documents which filters it takes. A list is filtered again where it is read.
      running: { filter: 'done=false' },
      fields: OPERATION_FIELDS,
      hasUnreachable,
      hasPartialSuccess: hasUnreachable,
      wildcards: hasUnreachable ? ['locations'] : [],
    },
    toState: toOperationState,
    hasMetadata: true,
    permissions: permissionsOf(`${PERMISSION_PREFIXES[api] ?? api}.operations`),
    example: 'projects/my-project/locations/us-central1/operations/operation-123',
  });
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CANCELLED = 1;

/** Returns the state of a `google.longrunning.Operation`, whose `metadata` is the service's own. */
export function toOperationState({ done, error, metadata }: Resource): ResourceState {
  const details = recordOrEmpty(metadata);
  return {
    ended: done === true ? toEndState(error) : undefined,
    createTime: timeOrUndefined(details.createTime),
    verb: textOrUndefined(details.verb),
    target: textOrUndefined(details.target),
    cancelRequested: CANCEL_FLAGS.some((flag) => details[flag] === true),
    message: textOrUndefined(recordOrEmpty(error).message),
  };
}

/** The services' names for one thing: Discovery, `OperationMetadata`. */
const CANCEL_FLAGS = ['requestedCancellation', 'cancelRequested', 'cancellationRequested'];

function toEndState(error: unknown): EndState {
  if (!error) return 'COMPLETED';
  return recordOrEmpty(error).code === CANCELLED ? 'CANCELLED' : 'FAILED';
}
