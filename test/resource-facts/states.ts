/** The states that Google's clients define for each type of job, and which of them are no end. */

export interface States {
  readonly package: string;
  /** The definition of the words, and the field that holds one. */
  readonly enum: string;
  readonly field: string;
  /** All words of the definition that are no evidence of an end. */
  readonly running: readonly string[];
  /** The definitions of the values that parameters of the list take. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const JOB_STATES: States = {
  package: '@google-cloud/aiplatform',
  enum: 'google.cloud.aiplatform.v1.JobState',
  field: 'state',
  running: [
    'JOB_STATE_UNSPECIFIED',
    'JOB_STATE_QUEUED',
    'JOB_STATE_PENDING',
    'JOB_STATE_RUNNING',
    'JOB_STATE_CANCELLING',
    'JOB_STATE_PAUSED',
    'JOB_STATE_UPDATING',
  ],
};

const PIPELINE_STATES: States = {
  package: '@google-cloud/aiplatform',
  enum: 'google.cloud.aiplatform.v1.PipelineState',
  field: 'state',
  running: [
    'PIPELINE_STATE_UNSPECIFIED',
    'PIPELINE_STATE_QUEUED',
    'PIPELINE_STATE_PENDING',
    'PIPELINE_STATE_RUNNING',
    'PIPELINE_STATE_CANCELLING',
    'PIPELINE_STATE_PAUSED',
  ],
};

const BUILD_STATES: States = {
  package: '@google-cloud/cloudbuild',
  enum: 'google.devtools.cloudbuild.v1.Build.Status',
  field: 'status',
  running: ['STATUS_UNKNOWN', 'PENDING', 'QUEUED', 'WORKING'],
};

/** By service and collection, and field. BigQuery's client has no definition of its states. */
export const STATES: Readonly<Record<string, readonly States[]>> = {
  'aiplatform customJobs': [JOB_STATES],
  'aiplatform hyperparameterTuningJobs': [JOB_STATES],
  'aiplatform batchPredictionJobs': [JOB_STATES],
  'aiplatform tuningJobs': [JOB_STATES],
  'aiplatform nasJobs': [JOB_STATES],
  'aiplatform pipelineJobs': [PIPELINE_STATES],
  'aiplatform trainingPipelines': [PIPELINE_STATES],
  'cloudbuild builds': [BUILD_STATES],
  'dataproc jobs': [
    {
      package: '@google-cloud/dataproc',
      enum: 'google.cloud.dataproc.v1.JobStatus.State',
      field: 'state',
      // ATTEMPT_FAILURE is an end only where `done` is true, which it is in a sample.
      running: [
        'STATE_UNSPECIFIED',
        'PENDING',
        'SETUP_DONE',
        'RUNNING',
        'CANCEL_PENDING',
        'CANCEL_STARTED',
      ],
      parameters: { jobStateMatcher: 'google.cloud.dataproc.v1.ListJobsRequest.JobStateMatcher' },
    },
  ],
  'run executions': [
    {
      package: '@google-cloud/run',
      enum: 'google.cloud.run.v2.Condition.State',
      field: 'state',
      running: ['STATE_UNSPECIFIED', 'CONDITION_PENDING', 'CONDITION_RECONCILING'],
    },
    {
      package: '@google-cloud/run',
      enum: 'google.cloud.run.v2.Condition.ExecutionReason',
      field: 'executionReason',
      // In a sample without a state of the condition.
      running: [
        'EXECUTION_REASON_UNDEFINED',
        'JOB_STATUS_SERVICE_POLLING_ERROR',
        'NON_ZERO_EXIT_CODE',
        'CANCELLING',
        'DELETED',
        'DELAYED_START_PENDING',
      ],
    },
  ],
  'batch jobs': [
    {
      package: '@google-cloud/batch',
      enum: 'google.cloud.batch.v1.JobStatus.State',
      field: 'state',
      running: ['STATE_UNSPECIFIED', 'QUEUED', 'SCHEDULED', 'RUNNING', 'CANCELLATION_IN_PROGRESS'],
    },
  ],
  'workflowexecutions executions': [
    {
      package: '@google-cloud/workflows',
      enum: 'google.cloud.workflows.executions.v1.Execution.State',
      field: 'state',
      running: ['STATE_UNSPECIFIED', 'ACTIVE', 'UNAVAILABLE', 'QUEUED'],
      parameters: { view: 'google.cloud.workflows.executions.v1.ExecutionView' },
    },
  ],
};
