/**
 * Vertex AI: training, tuning, batch predictions and pipelines.
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.customJobs
 */

import {
  describeType,
  type EndState,
  permissionsOf,
  type Resource,
  type ResourceType,
  readState,
  timeOrUndefined,
} from './resource-type.ts';

/**
 * The locations that have an endpoint `{location}-aiplatform.googleapis.com`: `endpoints` of the
 * Discovery document (https://aiplatform.googleapis.com/$discovery/rest?version=v1). A name with
 * another location is refused, so the host never depends on a request alone.
 */
const LOCATIONS = [
  'africa-south1',
  'asia-east1',
  'asia-east2',
  'asia-northeast1',
  'asia-northeast2',
  'asia-northeast3',
  'asia-south1',
  'asia-south2',
  'asia-southeast1',
  'asia-southeast2',
  'australia-southeast1',
  'australia-southeast2',
  'europe-central2',
  'europe-north1',
  'europe-north2',
  'europe-southwest1',
  'europe-west1',
  'europe-west10',
  'europe-west12',
  'europe-west15',
  'europe-west2',
  'europe-west3',
  'europe-west4',
  'europe-west6',
  'europe-west8',
  'europe-west9',
  'me-central1',
  'me-central2',
  'me-west1',
  'northamerica-northeast1',
  'northamerica-northeast2',
  'southamerica-east1',
  'southamerica-west1',
  'us-central1',
  'us-central2',
  'us-east1',
  'us-east4',
  'us-east5',
  'us-east7',
  'us-south1',
  'us-west1',
  'us-west2',
  'us-west3',
  'us-west4',
  'us-west8',
];

/** https://cloud.google.com/vertex-ai/docs/reference/rest/v1/JobState */
const JOB_ENDS = new Map<unknown, EndState>([
  ['JOB_STATE_CANCELLED', 'CANCELLED'],
  ['JOB_STATE_SUCCEEDED', 'COMPLETED'],
  ['JOB_STATE_PARTIALLY_SUCCEEDED', 'COMPLETED'],
  ['JOB_STATE_FAILED', 'FAILED'],
  ['JOB_STATE_EXPIRED', 'FAILED'],
]);

/** https://cloud.google.com/vertex-ai/docs/reference/rest/v1/PipelineState */
const PIPELINE_ENDS = new Map<unknown, EndState>([
  ['PIPELINE_STATE_CANCELLED', 'CANCELLED'],
  ['PIPELINE_STATE_SUCCEEDED', 'COMPLETED'],
  ['PIPELINE_STATE_FAILED', 'FAILED'],
]);

const CANCELLING = ['JOB_STATE_CANCELLING', 'PIPELINE_STATE_CANCELLING'];

export const vertexAi: readonly ResourceType[] = [
  describeJobs('customJobs', JOB_ENDS),
  describeJobs('hyperparameterTuningJobs', JOB_ENDS),
  describeJobs('batchPredictionJobs', JOB_ENDS),
  // The filter of these lists is not documented.
  describeJobs('tuningJobs', JOB_ENDS, {}),
  describeJobs('nasJobs', JOB_ENDS),
  describeJobs('pipelineJobs', PIPELINE_ENDS),
  describeJobs('trainingPipelines', PIPELINE_ENDS),
];

function describeJobs(
  items: string,
  ends: ReadonlyMap<unknown, EndState>,
  running: Readonly<Record<string, string>> = { filter: exclude([...ends.keys()]) },
): ResourceType {
  return describeType({
    service: 'aiplatform.googleapis.com',
    version: 'v1',
    shape: `projects/*/locations/*/${items}/*`,
    origin: 'https://{location}-aiplatform.googleapis.com',
    locations: LOCATIONS,
    list: {
      items,
      running,
      fields: 'name,state,createTime',
      hasUnreachable: false,
      wildcards: [],
    },
    toState: ({ state, createTime }: Resource) => ({
      ...readState(state, ends, CANCELLING),
      createTime: timeOrUndefined(createTime),
    }),
    permissions: permissionsOf(`aiplatform.${items}`),
    example: `projects/my-project/locations/us-central1/${items}/1234567890`,
  });
}

/** Filters of lists take `!=` and `AND`, and an unknown state is not an end. */
function exclude(states: readonly unknown[]): string {
  return states.map((state) => `state!="${state}"`).join(' AND ');
}
