import { parseDoneFilter } from '../filter.ts';
import { newOperationName, operationOf } from '../operation.ts';
import { param } from '../paging.ts';
import type { ResourceType, View } from '../resource-type.ts';
import { StatusError } from '../status.ts';

const PARENT = 'projects/*/locations/*';

/** The services whose operations are like Certificate Authority Service's, by Discovery; versions other than v1. */
const SERVICES =
  'agentregistry alloydb apigateway apigeeregistry apihub apphub backupdr beyondcorp blockchainnodeengine ' +
  'certificatemanager clouddeploy config connectors dataform datafusion datamigration dataplex datastream ' +
  'developerconnect eventarc file firebaseapphosting firebasedataconnect gkebackup gkehub gkeonprem ' +
  'hypercomputecluster ids looker managedkafka memcache metastore migrationcenter netapp networkconnectivity ' +
  'networksecurity networkservices notebooks observability oracledatabase osconfig parallelstore ' +
  'rapidmigrationassessment redis securesourcemanager vmmigration workloadmanager';
const VERSIONS: Record<string, string[]> = {
  gkehub: ['v1', 'v2'],
  notebooks: ['v1', 'v2'],
  osconfig: ['v2'],
};
/** Where the metadata says otherwise than `requestedCancellation` that a cancel was asked for. */
const CANCEL_FLAGS: Record<string, string> = {
  apigeeregistry: 'cancellationRequested',
  dataform: 'cancelRequested',
  file: 'cancelRequested',
  gkehub: 'cancelRequested',
  memcache: 'cancelRequested',
};
/** Whose ListOperationsResponse has no `unreachable`, and whose request no `returnPartialSuccess`. */
const WITHOUT_UNREACHABLE = [
  'apigeeregistry',
  'blockchainnodeengine',
  'rapidmigrationassessment',
  'securesourcemanager',
];

function done(query: URLSearchParams): (view: View) => boolean {
  const wanted = parseDoneFilter(query.get('filter') ?? undefined);
  if (param(query, 'returnPartialSuccess', 'return_partial_success') === 'true') {
    throw new StatusError('UNIMPLEMENTED', 'return_partial_success is not supported.');
  }
  return (operation) => wanted === undefined || operation.done === wanted;
}

function operationsOf(id: string): ResourceType {
  const versions = VERSIONS[id] ?? ['v1'];
  const unreachable = !WITHOUT_UNREACHABLE.includes(id);
  return {
    service: `${id}.googleapis.com`,
    versions,
    pattern: `${PARENT}/operations/*`,
    rpc: 'google.longrunning.Operations',
    noun: 'Operation',
    refusal: 'UNIMPLEMENTED',
    view: (moment) => {
      const { name, createTime, endTime, cancelTime, given } = moment;
      return {
        ...operationOf(moment, {
          '@type': `type.googleapis.com/google.cloud.${id}.${versions[0]}.OperationMetadata`,
          createTime,
          ...(endTime ? { endTime } : {}),
          target: given.target ?? name.replace(/\/operations\/[^/]*$/, '/clusters/cluster'),
          verb: given.verb ?? 'create',
          [CANCEL_FLAGS[id] ?? 'requestedCancellation']: cancelTime !== undefined,
          apiVersion: versions[0],
        }),
      };
    },
    list: {
      items: 'operations',
      query: ['filter', ...(unreachable ? ['returnPartialSuccess'] : [])],
      ...(unreachable ? { unreachable: 'name' as const } : {}),
      matches: done,
    },
    cancel: { fields: ['name'], answer: 'empty' },
    create: id === 'alloydb' ? createCluster : createOperation,
    example: { name: 'projects/my-project/locations/us-central1/operations/operation-1', body: {} },
  };
}

/** No service has such a method: it saves the emulator the methods that start each one's operations. */
const createOperation: ResourceType['create'] = {
  path: `(${PARENT})/operations`,
  rpc: 'EmulatorOnlyCreateOperation',
  required: [],
  start: ({ parent, body, now }) => ({
    name: newOperationName(parent, now),
    ...(body.verb ? { verb: String(body.verb) } : {}),
    ...(body.target ? { target: String(body.target) } : {}),
  }),
};

/** https://cloud.google.com/alloydb/docs/reference/rest/v1/projects.locations.clusters/create */
const createCluster: ResourceType['create'] = {
  path: `(${PARENT})/clusters`,
  rpc: 'CreateCluster',
  query: ['clusterId', 'requestId', 'validateOnly'],
  required: [],
  start: ({ parent, body, query, now }) => {
    const id = param(query, 'clusterId', 'cluster_id');
    if (!id) throw new StatusError('INVALID_ARGUMENT', 'cluster_id is required.');
    const name = `${parent}/clusters/${id}`;
    return {
      name: newOperationName(parent, now),
      verb: 'create',
      target: name,
      response: { '@type': 'type.googleapis.com/google.cloud.alloydb.v1.Cluster', ...body, name },
    };
  },
};

/** https://cloud.google.com/alloydb/docs/reference/rest/v1/projects.locations.operations and its like */
export const operations: ResourceType[] = SERVICES.split(' ').map(operationsOf);
