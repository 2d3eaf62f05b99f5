import { randomInt } from 'node:crypto';
import { readMask } from '../field-mask.ts';
import { parseFilter } from '../filter.ts';
import { param } from '../paging.ts';
import type { Phase } from '../record.ts';
import { type ResourceType, times, type View } from '../resource-type.ts';

const API = 'google.cloud.aiplatform.v1';
const PARENT = 'projects/*/locations/*';
const SUFFIX: Record<Phase, string> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  cancelling: 'CANCELLING',
  cancelled: 'CANCELLED',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
};
const FILTERS = {
  state: (view: View) => view.state,
  display_name: (view: View) => view.displayName,
};
const workerPoolSpecs = [
  {
    machineSpec: { machineType: 'n1-standard-4' },
    replicaCount: '1',
    containerSpec: { imageUri: 'gcr.io/my-project/train' },
  },
];
const gcsSource = { uris: ['gs://bucket/in.jsonl'] };
const gcsDestination = { outputUriPrefix: 'gs://bucket/out' };

interface Row {
  noun: string;
  rpc: 'JobService' | 'PipelineService' | 'GenAiTuningService';
  states: 'JOB_STATE' | 'PIPELINE_STATE';
  listQuery: string[];
  createQuery?: string[];
  body: View;
}

const ROWS: Record<string, Row> = {
  customJobs: {
    noun: 'CustomJob',
    rpc: 'JobService',
    states: 'JOB_STATE',
    listQuery: ['readMask'],
    body: { displayName: 'train', jobSpec: { workerPoolSpecs } },
  },
  hyperparameterTuningJobs: {
    noun: 'HyperparameterTuningJob',
    rpc: 'JobService',
    states: 'JOB_STATE',
    listQuery: ['readMask'],
    body: {
      displayName: 'tune',
      studySpec: { metrics: [{ metricId: 'loss', goal: 'MINIMIZE' }], parameters: [] },
      maxTrialCount: 10,
      parallelTrialCount: 2,
      trialJobSpec: { workerPoolSpecs },
    },
  },
  batchPredictionJobs: {
    noun: 'BatchPredictionJob',
    rpc: 'JobService',
    states: 'JOB_STATE',
    listQuery: ['readMask'],
    body: {
      displayName: 'predict',
      model: 'projects/my-project/locations/us-central1/models/1',
      inputConfig: { instancesFormat: 'jsonl', gcsSource },
      outputConfig: { predictionsFormat: 'jsonl', gcsDestination },
    },
  },
  nasJobs: {
    noun: 'NasJob',
    rpc: 'JobService',
    states: 'JOB_STATE',
    listQuery: ['readMask'],
    body: { displayName: 'search', nasJobSpec: {} },
  },
  tuningJobs: {
    noun: 'TuningJob',
    rpc: 'GenAiTuningService',
    states: 'JOB_STATE',
    listQuery: [],
    body: {
      baseModel: 'gemini-2.5-flash',
      supervisedTuningSpec: { trainingDatasetUri: 'gs://bucket/train.jsonl' },
    },
  },
  pipelineJobs: {
    noun: 'PipelineJob',
    rpc: 'PipelineService',
    states: 'PIPELINE_STATE',
    listQuery: ['orderBy', 'readMask'],
    createQuery: ['pipelineJobId'],
    body: {
      displayName: 'pipeline',
      runtimeConfig: { gcsOutputDirectory: 'gs://bucket/out' },
    },
  },
  trainingPipelines: {
    noun: 'TrainingPipeline',
    rpc: 'PipelineService',
    states: 'PIPELINE_STATE',
    listQuery: ['readMask'],
    body: {
      displayName: 'training',
      trainingTaskDefinition: 'gs://google-cloud-aiplatform/schema/custom_task_1.0.0.yaml',
      trainingTaskInputs: {},
    },
  },
};

/** https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.customJobs and its neighbours */
export const vertexAi: ResourceType[] = Object.entries(ROWS).map(([collection, row]) => ({
  service: 'aiplatform.googleapis.com',
  versions: ['v1'],
  pattern: `${PARENT}/${collection}/*`,
  rpc: `${API}.${row.rpc}`,
  noun: row.noun,
  numbers: true,
  view: (moment) => ({
    ...(moment.given.fields ?? row.body),
    name: moment.name,
    state: `${row.states}_${SUFFIX[moment.phase]}`,
    ...times(moment, 'startTime', 'endTime'),
    // "it becomes a job with an error value with a code of 1": CancelCustomJob and its neighbours.
    ...(moment.error ? { error: moment.error } : {}),
  }),
  list: {
    items: collection,
    query: ['filter', ...row.listQuery],
    matches: (query) => parseFilter(query.get('filter') ?? undefined, FILTERS),
    item: (view, query) => {
      const mask = param(query, 'readMask', 'read_mask');
      return (mask ? readMask(view, mask) : view) as View;
    },
  },
  cancel: { fields: ['name'], answer: 'empty' },
  create: {
    path: `(${PARENT})/${collection}`,
    rpc: `Create${row.noun}`,
    query: row.createQuery ?? [],
    required: Object.keys(row.body).filter((field) => field !== 'model'),
    start: ({ parent, body, query }) => ({
      name: `${parent}/${collection}/${param(query, 'pipelineJobId', 'pipeline_job_id') || randomInt(2 ** 47)}`,
      fields: body,
    }),
  },
  example: { name: `projects/my-project/locations/us-central1/${collection}/123`, body: row.body },
}));
