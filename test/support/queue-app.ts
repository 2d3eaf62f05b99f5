/** A function whose sweeps go on in a queue, and what a test asks of it. */

import { type Emulator, startEmulator } from '../emulator/index.ts';
import { freePort, startFunction } from './function.ts';
import {
  createConfig,
  getCancelRequests,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  waitForToken,
} from './test-app.ts';

export const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';
export const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
/** What one of its sweeps cancels by itself. */
export const MOST = 3;
const PARENT = 'projects/my-project/locations/us-central1';
export const DEV: string = `${PARENT}/caPools/dev`;

interface Report {
  readonly operations: readonly { outcome?: string; error?: { status: string } }[];
}

export const outcomes = ({ operations }: Report) =>
  operations.map(({ outcome, error }) => outcome ?? error?.status);

/** The callers: `scheduler`, whom Cloud Tasks can call back, and `ops`, whom it cannot. */
export async function startQueueApp() {
  const cloud: Emulator = await startEmulator();
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}`;
  const google = { audience, emails: ['other@example.com', EMAIL] };
  const hook = await startFunction({
    port,
    config: createConfig(cloud.url, {
      callers: { scheduler: { type: 'json', auth: { google } }, ops: OPS_CALLER },
      allow: [{ operations: [`${OPERATIONS}/*`], targets: [DEV], sweep: true }],
      endpoints: {
        privateca: cloud.url,
        cloudtasks: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v3/certs`,
      },
      limits: { sweepMax: MOST },
      queue: QUEUE,
    }),
    env: { OPS_TOKEN, GCE_METADATA_HOST: cloud.host },
  }).catch(async (error) => {
    await cloud.close();
    throw error;
  });
  await waitForToken(cloud);
  let round = 0;
  const token = () => cloud.mintIdToken({ aud: audience, email: EMAIL, email_verified: true });
  return {
    cloud,
    hook,
    audience,
    /** Ends what runs, and forgets what was asked. */
    async forget() {
      await cloud.tasksIdle();
      for (const { name, done } of cloud.operations()) {
        if (!done) cloud.addOperation({ name, duration: 0 });
      }
      cloud.clearScripts();
      cloud.clearRequests();
      round += 1;
    },
    /** So many old operations, the oldest first. */
    plant: (count: number): string[] =>
      Array.from({ length: count }, (_, n) => {
        const name = `${OPERATIONS}/round-${round}-${n}`;
        const createTime = Date.now() - 3_600_000 + n * 1000;
        const runsOn = { duration: Infinity, onCancel: 'ignore' } as const;
        cloud.addOperation({ name, createTime, target: DEV, ...runsOn });
        return name;
      }),
    /** A sweep of all that {@link plant} planted, unless the body says otherwise. */
    post: (body: object, route = 'scheduler') =>
      hook.http
        .post(`/${route}`)
        .set({ Authorization: `Bearer ${route === 'ops' ? OPS_TOKEN : token()}` })
        .send({ parent: PARENT, olderThan: '1m', ...body }),
    created: () => cloud.requests.filter(({ path }) => path === `/v2/${QUEUE}/tasks`),
    tasksOf: (name: string) =>
      cloud.tasks.filter(({ request }) => Buffer.from(request.body ?? []).includes(`"${name}"`)),
    cancelled: () =>
      getCancelRequests(cloud).map(({ path }) => path.slice('/v1/'.length, -':cancel'.length)),
    async stop() {
      await hook.stop();
      await cloud.close();
    },
  };
}
