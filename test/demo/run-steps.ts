/** All scenes of the demo, in their order. */

import { agentProposes } from './agent.ts';
import type { DemoApp } from './app.ts';
import { askPeople, budget } from './automation.ts';
import { execution, jobFromSlack } from './jobs.ts';
import { everyCaller, lastLogLine, outcomes, refusals, runaway, sweep } from './steps.ts';

/** @throws where one is not as promised */
export async function runAllSteps(app: DemoApp): Promise<void> {
  await runaway(app);
  await refusals(app);
  await outcomes(app);
  await sweep(app);
  await everyCaller(app);
  await askPeople(app);
  await agentProposes(app);
  await budget(app);
  await jobFromSlack(app);
  await execution(app);
  lastLogLine(app);
}
