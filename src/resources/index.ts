/** The table of what can be cancelled: one line per family of resources. */

import { executions } from './executions.ts';
import { jobs } from './jobs.ts';
import { operations } from './operations.ts';
import type { ResourceType } from './resource-type.ts';
import { vertexAi } from './vertex-ai.ts';

export const resourceTypes: readonly ResourceType[] = [
  ...operations,
  ...executions,
  ...jobs,
  ...vertexAi,
];
