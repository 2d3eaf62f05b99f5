/** The table of what can be cancelled: one line per family of services. */

import { batch } from './batch.ts';
import { bigquery } from './bigquery.ts';
import { cloudBuild } from './cloud-build.ts';
import { cloudRun } from './cloud-run.ts';
import { dataproc } from './dataproc.ts';
import { operations } from './operations.ts';
import type { ResourceType } from './resource-type.ts';
import { vertexAi } from './vertex-ai.ts';
import { workflows } from './workflows.ts';

export const resourceTypes: readonly ResourceType[] = [
  ...operations,
  ...batch,
  ...bigquery,
  ...cloudBuild,
  ...cloudRun,
  ...dataproc,
  ...vertexAi,
  ...workflows,
];
