import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getResidentMegabytes } from '../support/memory.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { connectTo } from '../support/socket.ts';
import {
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const SLOTS = 100;
const EMAIL = 'sweeper@my-project.iam.gserviceaccount.com';
const CONNECTIONS = 10_000;
/** Connections that are open at one time: more than there are slots. */
const CONCURRENCY = 150;
/** Milliseconds that the API takes to respond. */
const API_DELAY = 10;

let app: TestApp;
let upstream: Awaited<ReturnType<typeof startPlainUpstream>>;
before(async () => {
  upstream = await startPlainUpstream({ delay: API_DELAY });
  app = await startTestApp({
    apiProxy: async () => upstream.url,
    config: (audience, emulator) => ({
      callers: {
        ops: OPS_CALLER,
        scheduler: { type: 'json', auth: { google: { audience, emails: [EMAIL] } } },
      },
      endpoints: { googleCerts: `${emulator}/oauth2/v3/certs` },
      limits: { concurrentRequests: SLOTS },
    }),
  });
});
after(async () => {
  await app?.stop();
  upstream.close();
});

let traces = 0;
/** Returns a trace id, which the log line of its request holds. */
const createTrace = () => (++traces).toString(16).padStart(32, '0');

const BODY = JSON.stringify({ name: `${OPERATIONS}/operation-1` });

function formatRequest(trace: string, route = 'ops', token = OPS_TOKEN): string {
  return [
    `POST /${route} HTTP/1.1`,
    'Host: h',
    'Content-Type: application/json',
    `Content-Length: ${BODY.length}`,
    `Authorization: Bearer ${token}`,
    `traceparent: 00-${trace}-0000000000000001-01`,
    '',
    BODY,
  ].join('\r\n');
}

/** Counts the log lines of each trace. */
function countLogLines(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, trace = ''] of app.process.stdout().matchAll(/googleapis.com\/trace":"(\w+)"/g)) {
    counts.set(trace, (counts.get(trace) ?? 0) + 1);
  }
  return counts;
}

/** Waits until each of these requests has a log line, and checks that no request has two. */
async function assertOneLogLine(required: readonly string[]): Promise<void> {
  let counts = countLogLines();
  const isMissing = (trace: string) => !counts.has(trace);
  for (let tries = 0; tries < 50 && required.some(isMissing); tries++) {
    await sleep(100);
    counts = countLogLines();
  }
  assert.deepEqual(required.filter(isMissing), [], 'requests without a log line');
  assert.deepEqual(
    [...counts].filter(([, count]) => count !== 1),
    [],
  );
}

/** As many requests as there are slots succeed at the same time, and one more is refused. */
async function assertAllSlotsFree(): Promise<void> {
  const statuses = await Promise.all(
    Array.from({ length: SLOTS }, async () => {
      const { status } = await app.post(BODY).ok(() => true);
      return status;
    }),
  );
  assert.deepEqual(statuses, Array(SLOTS).fill(200));
}

/** Connects, sends and disconnects at a random moment. @returns the trace of a request that the function has read */
async function connectAndDie(n: number): Promise<string | undefined> {
  const socket = connectTo(app.process.url);
  await once(socket, 'connect');
  const trace = createTrace();
  const request = formatRequest(trace);
  const closed = once(socket, 'close');
  const kind = n % 5;
  // A part of a request, a request, a request with a queued one behind it, or a request that gets a reset.
  const bytes = {
    0: request.slice(0, Math.floor(Math.random() * request.length)),
    1: request,
    2: request,
    3: request + formatRequest(createTrace()),
    4: request,
  }[kind];
  socket.write(bytes ?? '');
  await sleep(Math.random() * 2 * API_DELAY);
  if (kind === 4) socket.resetAndDestroy();
  else if (kind === 2) socket.end();
  else socket.destroy();
  socket.resume();
  await closed;
  return kind === 0 || kind === 4 ? undefined : trace;
}

async function runConnections(count: number): Promise<string[]> {
  const read: string[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < count) {
        const trace = await connectAndDie(next++);
        if (trace) read.push(trace);
      }
    }),
  );
  return read;
}

test('senders that leave while their token is verified free their slots and are logged', async () => {
  app.emulator.script({ path: /certs/ }, { delay: 900 });
  const token = app.emulator.mintIdToken({
    aud: app.process.url,
    email: EMAIL,
    email_verified: true,
  });
  const senders = Array.from({ length: 4 * SLOTS }, () => {
    const trace = createTrace();
    const socket = connectTo(app.process.url);
    socket.write(formatRequest(trace, 'scheduler', token));
    return { trace, socket };
  });
  await sleep(500);
  for (const { socket } of senders) socket.destroy();
  await assertOneLogLine(senders.map(({ trace }) => trace));
  await assertAllSlotsFree();
});

test('connections that die at random moments leave slots and memory where they were', async () => {
  const { pid = 0 } = app.process.process;
  const warm = await runConnections(CONNECTIONS / 2);
  await assertOneLogLine(warm);
  const before = getResidentMegabytes(pid);
  await assertOneLogLine(await runConnections(CONNECTIONS / 2));
  const grown = getResidentMegabytes(pid) - before;
  assert.ok(grown < 20, `${grown} MB more after ${CONNECTIONS / 2} more connections`);
  await assertAllSlotsFree();
});
