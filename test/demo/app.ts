/** The demo's app: an emulated Google Cloud, and the function under its stock command. */

import { callerTypes } from '../../src/callers/index.ts';
import { openWorkbench, type Workbench } from '../console/workbench.ts';
import type { Fixture, World } from '../fixtures/fixture.ts';

export const PARENT = 'projects/demo/locations/us-central1';
export const TOKEN = 'demo-token';
/** Where Pub/Sub pushes budget notifications, and as whom. */
export const BUDGETS = 'https://hook.example/budgets';
export const PUSH_ACCOUNT = 'push@demo.iam.gserviceaccount.com';

/** What the budget's sweep looks through. */
export const JOBS = '//bigquery.googleapis.com/projects/sandbox/locations/-/jobs';

export interface DemoApp extends Workbench {
  /** One for each type of caller, at the route of its name. */
  readonly fixtures: ReadonlyMap<string, Fixture>;
  readonly world: () => World;
}

/** @param ports 0 or none: any free one */
export async function openDemoApp(
  ports: { emulator?: number; hook?: number } = {},
): Promise<DemoApp> {
  const fixtures = new Map<string, Fixture>();
  for (const { type } of callerTypes) {
    const { fixtures: own }: { fixtures: Fixture[] } = await import(`../fixtures/${type}.ts`);
    if (own[0]) fixtures.set(type, own[0]);
  }
  const settings = Object.fromEntries([...fixtures].map(([type, one]) => [type, one.settings]));
  const env = Object.assign({}, ...[...fixtures.values()].map((one) => one.env));
  const config = {
    callers: {
      ops: { type: 'json', auth: { bearer: 'env:DEMO_TOKEN' } },
      asking: {
        type: 'alertmanager',
        auth: { bearer: 'env:DEMO_TOKEN' },
        mode: 'ask',
        notify: ['oncall'],
      },
      agent: {
        type: 'mcp',
        auth: { bearer: 'env:DEMO_TOKEN' },
        mode: 'ask',
        notify: ['oncall'],
      },
      budgets: {
        type: 'pubsub',
        auth: { google: { audience: BUDGETS, emails: [PUSH_ACCOUNT] } },
        preset: { parent: JOBS, olderThan: '2h' },
        notify: ['oncall'],
      },
      ...settings,
    },
    destinations: { oncall: { type: 'slack', url: 'env:DEMO_WEBHOOK' } },
    allow: [
      {
        description: 'the demo project, for everyone',
        operations: ['projects/demo/locations/*/operations/*'],
      },
      {
        description: 'schedules may sweep stuck creations',
        callers: ['ops'],
        operations: ['projects/nightly/locations/*/operations/*'],
        verbs: ['create'],
        sweep: true,
      },
      {
        description: 'old queries of the sandbox stop where its budget ends',
        callers: ['budgets'],
        operations: ['//bigquery.googleapis.com/projects/sandbox/locations/*/jobs/*'],
        sweep: true,
      },
      {
        description: 'jobs of the demo project, for everyone',
        operations: [
          '//dataproc.googleapis.com/projects/demo/regions/*/jobs/*',
          '//run.googleapis.com/projects/demo/locations/*/jobs/*/executions/*',
        ],
      },
    ],
  };
  const bench = await openWorkbench({
    config: () => JSON.stringify(config, null, 2),
    name: 'the demo configuration',
    env: { ...env, DEMO_TOKEN: TOKEN },
    ports,
  });
  const problem = bench.problem();
  if (problem !== undefined) {
    await bench.close();
    throw new Error(problem);
  }
  return Object.assign(bench, {
    fixtures,
    world: () => ({ emulator: bench.emulator, now: Date.now() }),
  });
}
