import type { ResourceType } from '../resource-type.ts';
import { batch } from './batch.ts';
import { bigquery } from './bigquery.ts';
import { cloudBuild } from './cloud-build.ts';
import { dataproc } from './dataproc.ts';
import { operations } from './operations.ts';
import { run } from './run.ts';
import { vertexAi } from './vertex-ai.ts';
import { workflows } from './workflows.ts';

/** Every type of resource that the emulator has besides Certificate Authority Service's operations. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  ...vertexAi,
  ...dataproc,
  cloudBuild,
  run,
  batch,
  workflows,
  bigquery,
  ...operations,
];
