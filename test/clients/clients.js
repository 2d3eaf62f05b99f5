/**
 * Each client creates a resource, reads it, finds it in the list, cancels it, and reads the outcome. Then
 * resources in all phases are held against the clients' messages.
 */

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { JobServiceClient, PipelineServiceClient, v1 as vertex } from '@google-cloud/aiplatform';
import { AlloyDBAdminClient } from '@google-cloud/alloydb';
import { BatchServiceClient } from '@google-cloud/batch';
import { BigQuery } from '@google-cloud/bigquery';
import { CloudBuildClient } from '@google-cloud/cloudbuild';
import { JobControllerClient } from '@google-cloud/dataproc';
import { JobsClient, ExecutionsClient as RunExecutionsClient } from '@google-cloud/run';
import { ExecutionsClient } from '@google-cloud/workflows';
import { conform } from './conform.js';

const services = JSON.parse(process.env.SERVICES);
const projectId = 'my-project';
const region = 'us-central1';
const parent = `projects/${projectId}/locations/${region}`;
/** Services that answer with the project's number in names. */
const numbered = `projects/123456789012/locations/${region}`;

/** The settings of a client's REST transport, on the port of its service. */
function rest(service) {
  const { hostname, port } = new URL(services[`${service}.googleapis.com`]);
  return { apiEndpoint: hostname, port, protocol: 'http', fallback: true, projectId };
}

const vertexJobs = new JobServiceClient(rest('aiplatform'));
const pipelines = new PipelineServiceClient(rest('aiplatform'));
const tuning = new vertex.GenAiTuningServiceClient(rest('aiplatform'));
const jobSpec = {
  workerPoolSpecs: [
    {
      machineSpec: { machineType: 'n1-standard-4' },
      replicaCount: 1,
      containerSpec: { imageUri: 'gcr.io/my-project/train' },
    },
  ],
};

function vertexCheck(client, noun, states, resource) {
  const field = noun[0].toLowerCase() + noun.slice(1);
  return {
    title: `Vertex AI ${noun}`,
    create: async () => (await client[`create${noun}`]({ parent, [field]: resource }))[0],
    nameOf: ({ name }) => name,
    prefix: `${numbered}/${field}s/`,
    get: (name) => client[`get${noun}`]({ name }),
    list: () =>
      client[`list${noun}s`]({ parent, filter: `state="${states}_RUNNING"`, pageSize: 1 }),
    cancel: (name) => client[`cancel${noun}`]({ name }),
    stateOf: ({ state }) => state,
    running: `${states}_RUNNING`,
    cancelled: `${states}_CANCELLED`,
    more: ({ error, createTime }) => {
      assert.equal(error.code, 1);
      assert.ok(Number(createTime.seconds) > 0);
    },
  };
}

const dataproc = new JobControllerClient(rest('dataproc'));
const cloudBuild = new CloudBuildClient(rest('cloudbuild'));
const runJobs = new JobsClient(rest('run'));
const runExecutions = new RunExecutionsClient(rest('run'));
const batch = new BatchServiceClient(rest('batch'));
const workflows = new ExecutionsClient(rest('workflowexecutions'));
const bigquery = new BigQuery({ projectId, apiEndpoint: services['bigquery.googleapis.com'] });
const alloydb = new AlloyDBAdminClient(rest('alloydb'));

const steps = [{ name: 'gcr.io/cloud-builders/docker', args: ['build', '.'] }];
const flow = `${parent}/workflows/flow`;

const checks = [
  vertexCheck(vertexJobs, 'CustomJob', 'JOB_STATE', { displayName: 'train', jobSpec }),
  vertexCheck(vertexJobs, 'HyperparameterTuningJob', 'JOB_STATE', {
    displayName: 'tune',
    studySpec: {
      metrics: [{ metricId: 'loss', goal: 'MINIMIZE' }],
      parameters: [{ parameterId: 'rate', doubleValueSpec: { minValue: 0.1, maxValue: 1 } }],
    },
    maxTrialCount: 10,
    parallelTrialCount: 2,
    trialJobSpec: jobSpec,
  }),
  vertexCheck(vertexJobs, 'BatchPredictionJob', 'JOB_STATE', {
    displayName: 'predict',
    model: `${parent}/models/1`,
    inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: ['gs://bucket/in'] } },
    outputConfig: {
      predictionsFormat: 'jsonl',
      gcsDestination: { outputUriPrefix: 'gs://bucket/out' },
    },
  }),
  vertexCheck(vertexJobs, 'NasJob', 'JOB_STATE', { displayName: 'search', nasJobSpec: {} }),
  vertexCheck(tuning, 'TuningJob', 'JOB_STATE', {
    baseModel: 'gemini-2.5-flash',
    supervisedTuningSpec: { trainingDatasetUri: 'gs://bucket/train.jsonl' },
  }),
  vertexCheck(pipelines, 'PipelineJob', 'PIPELINE_STATE', {
    displayName: 'pipeline',
    runtimeConfig: { gcsOutputDirectory: 'gs://bucket/out' },
  }),
  vertexCheck(pipelines, 'TrainingPipeline', 'PIPELINE_STATE', {
    displayName: 'training',
    trainingTaskDefinition: 'gs://google-cloud-aiplatform/schema/custom_task_1.0.0.yaml',
    trainingTaskInputs: { structValue: { fields: {} } },
  }),
  {
    title: 'Dataproc job',
    create: async () =>
      (
        await dataproc.submitJob({
          projectId,
          region,
          job: {
            placement: { clusterName: 'cluster' },
            pysparkJob: { mainPythonFileUri: 'gs://bucket/job.py' },
          },
        })
      )[0],
    nameOf: ({ reference }) => reference.jobId,
    prefix: '',
    get: (jobId) => dataproc.getJob({ projectId, region, jobId }),
    list: () => dataproc.listJobs({ projectId, region, jobStateMatcher: 'ACTIVE', pageSize: 1 }),
    cancel: (jobId) => dataproc.cancelJob({ projectId, region, jobId }),
    stateOf: ({ status }) => status.state,
    running: 'RUNNING',
    cancelled: 'CANCELLED',
    more: ({ statusHistory, done }) => {
      assert.equal(done, true);
      assert.deepEqual(
        statusHistory.map(({ state }) => state),
        ['PENDING', 'RUNNING', 'CANCEL_STARTED'],
      );
    },
  },
  ...['global', region].map((location) => ({
    title: `Cloud Build build, ${location}`,
    create: async () => {
      const place = `projects/${projectId}/locations/${location}`;
      const more = location === 'global' ? {} : { parent: place };
      const [operation] = await cloudBuild.createBuild({ projectId, ...more, build: { steps } });
      return operation.metadata.build;
    },
    nameOf: ({ name }) => name,
    prefix: `projects/123456789012/locations/${location}/builds/`,
    get: (name) => cloudBuild.getBuild({ name, ...idsOf(name) }),
    list: () =>
      cloudBuild.listBuilds({
        projectId,
        ...(location === 'global' ? {} : { parent: `projects/${projectId}/locations/${location}` }),
        filter: 'status="WORKING"',
        pageSize: 1,
      }),
    cancel: (name) => cloudBuild.cancelBuild({ name, ...idsOf(name) }),
    stateOf: ({ status }) => status,
    running: 'WORKING',
    cancelled: 'CANCELLED',
    more: ({ finishTime }) => assert.ok(finishTime),
  })),
  {
    title: 'Cloud Run execution',
    create: async () => {
      const [operation] = await runJobs.runJob({ name: `${parent}/jobs/job` });
      return operation.metadata;
    },
    nameOf: ({ name }) => name,
    prefix: `${parent}/jobs/job/executions/job-`,
    get: (name) => runExecutions.getExecution({ name }),
    list: async () => {
      const [executions] = await runExecutions.listExecutions({
        parent: `${parent}/jobs/-`,
        pageSize: 1,
      });
      return [executions.filter(({ completionTime }) => !completionTime)];
    },
    cancel: async (name) => {
      const [operation] = await runExecutions.cancelExecution({ name });
      // The operation ends without an error, and only the execution tells what happened.
      const [execution] = await operation.promise();
      assert.equal(execution.name, name);
    },
    stateOf: ({ conditions }) => {
      const { state, executionReason } = conditions.find(({ type }) => type === 'Completed');
      return executionReason ? `${state} ${executionReason}` : state;
    },
    running: 'CONDITION_RECONCILING',
    cancelled: 'CONDITION_FAILED CANCELLED',
    more: ({ completionTime, cancelledCount }) => {
      assert.ok(completionTime);
      assert.equal(cancelledCount, 1);
    },
  },
  {
    title: 'Batch job',
    create: async () =>
      (
        await batch.createJob({
          parent,
          jobId: 'job-1',
          job: { taskGroups: [{ taskSpec: { runnables: [{ script: { text: 'sleep 1' } }] } }] },
        })
      )[0],
    nameOf: ({ name }) => name,
    prefix: `${parent}/jobs/job-1`,
    get: (name) => batch.getJob({ name }),
    list: () => batch.listJobs({ parent, filter: 'status.state="RUNNING"', pageSize: 1 }),
    cancel: async (name) => (await batch.cancelJob({ name }))[0].promise(),
    stateOf: ({ status }) => status.state,
    running: 'RUNNING',
    cancelled: 'CANCELLED',
    more: ({ status }) => assert.equal(status.statusEvents[0].type, 'STATUS_CHANGED'),
  },
  {
    title: 'Workflows execution',
    create: async () => (await workflows.createExecution({ parent: flow, execution: {} }))[0],
    nameOf: ({ name }) => name,
    prefix: `${numbered}/workflows/flow/executions/`,
    get: (name) => workflows.getExecution({ name }),
    list: () =>
      workflows.listExecutions({
        parent: flow,
        filter: 'state="ACTIVE"',
        view: 'FULL',
        pageSize: 1,
      }),
    cancel: (name) => workflows.cancelExecution({ name }),
    stateOf: ({ state }) => state,
    running: 'ACTIVE',
    cancelled: 'CANCELLED',
    more: ({ startTime }) => assert.ok(startTime),
  },
  {
    title: 'BigQuery job',
    create: async () =>
      (await bigquery.createQueryJob({ query: 'SELECT 1', location: region }))[0].metadata,
    nameOf: ({ jobReference }) => jobReference.jobId,
    prefix: '',
    get: async (id) => [(await bigquery.job(id, { location: region }).getMetadata())[0]],
    list: async () => {
      const found = [];
      let query = { stateFilter: ['running', 'pending'], maxResults: 1, autoPaginate: false };
      while (query) {
        const [jobs, next] = await bigquery.getJobs(query);
        found.push(...jobs.map(({ metadata }) => metadata));
        query = next;
      }
      return [found];
    },
    cancel: async (id) => {
      const [{ kind, job }] = await bigquery.job(id, { location: region }).cancel();
      assert.deepEqual([kind, job.jobReference.jobId], ['bigquery#jobCancelResponse', id]);
    },
    stateOf: ({ status }) => [status.state, status.errorResult?.reason].filter(Boolean).join(' '),
    running: 'RUNNING',
    cancelled: 'DONE stopped',
    more: ({ statistics }) => assert.match(statistics.creationTime, /^\d{13}$/),
  },
  {
    title: 'AlloyDB operation',
    create: async () => {
      const [operation] = await alloydb.createCluster({
        parent,
        clusterId: 'cluster',
        cluster: { networkConfig: { network: 'projects/my-project/global/networks/default' } },
      });
      return { name: operation.name };
    },
    nameOf: ({ name }) => name,
    prefix: `${parent}/operations/operation-`,
    get: (name) => alloydb.getOperation({ name }),
    list: async () => {
      const found = [];
      const request = { name: parent, filter: 'done=false', pageSize: 1 };
      for await (const operation of alloydb.listOperationsAsync(request)) found.push(operation);
      return [found];
    },
    cancel: (name) => alloydb.cancelOperation({ name }),
    stateOf: ({ done, error }) => (done ? `done ${error?.code}` : 'running'),
    running: 'running',
    cancelled: 'done 1',
    more: ({ metadata }) => assert.match(metadata.type_url, /alloydb\.v1\.OperationMetadata$/),
  },
];

/** What Cloud Build takes besides the name. */
function idsOf(name) {
  return { projectId, id: name.split('/').at(-1) };
}

async function run(check) {
  const { nameOf, stateOf } = check;
  const names = [nameOf(await check.create())];
  if (check.title !== 'Batch job') names.push(nameOf(await check.create()));
  for (const name of names) assert.ok(name.startsWith(check.prefix), name);
  const [name] = names;
  const [created] = await check.get(name);
  assert.deepEqual([nameOf(created), stateOf(created)], [name, check.running]);
  const listed = async () => (await check.list())[0].map(nameOf).toSorted();
  assert.deepEqual(await listed(), names.toSorted());
  await check.cancel(name);
  let [ended] = await check.get(name);
  while (stateOf(ended) !== check.cancelled) {
    await setTimeout(20);
    [ended] = await check.get(name);
  }
  check.more(ended);
  assert.deepEqual(await listed(), names.slice(1));
  await assert.rejects(
    check.get(`${name.slice(0, -1)}-`),
    ({ code }) => code === 5 || code === 404,
  );
  return stateOf(ended);
}

/** The messages of each service, as its client carries them. */
const roots = {
  aiplatform: vertexJobs._protos,
  alloydb: alloydb._protos,
  batch: batch._protos,
  cloudbuild: cloudBuild._protos,
  dataproc: dataproc._protos,
  run: runJobs._protos,
  workflowexecutions: workflows._protos,
};

/** Reads a list of resources in all phases as it is sent, and holds it against the client's message. */
async function readAdded({ service, url, cancelUrl, cancelBody, message, count }) {
  const root = roots[service.replace('.googleapis.com', '')];
  const token = await vertexJobs.auth.getAccessToken();
  const headers = { authorization: `Bearer ${token}` };
  await fetch(cancelUrl, { method: 'POST', headers, body: JSON.stringify(cancelBody) });
  const response = await fetch(url, { headers });
  const json = await response.json();
  assert.equal(Object.values(json)[0].length, count, JSON.stringify(json));
  conform(root, root.lookupType(message), json);
  return `${count} as in ${message}`;
}

let failed = 0;
async function report(title, work) {
  try {
    console.log(`✓ ${title}: ${await work}`);
  } catch (error) {
    failed++;
    console.log(`✗ ${title}: ${error.stack}`);
  }
}
for (const check of checks) await report(check.title, run(check));
for (const list of JSON.parse(process.env.ADDED)) {
  await report(new URL(list.url).pathname, readAdded(list));
}
process.exitCode = failed > 0 ? 1 : 0;
