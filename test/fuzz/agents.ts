/**
 * Hostile agents: calls of tools as their schemas have them and otherwise, in the right and the wrong
 * messages: batches, notifications that carry calls, ids of all kinds, revisions that do not exist, headers
 * that say something else, a `_meta` that is deep.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TOOLS } from '../../src/callers/mcp/tools.ts';
import { headersOf } from '../../src/cli/send/senders/mcp.ts';
import { routed } from '../support/callers.ts';
import { type FuzzRequest, type FuzzResult, startFuzzApp } from './app.ts';
import { assertAllowed, assertForm, assertNoLeak } from './invariants.ts';
import type { FuzzProperty } from './property.ts';
import { ALLOWED_OPERATIONS, operationNames, texts, trickedNames } from './texts.ts';

const META = 'io.modelcontextprotocol/';
const agents = routed.filter(({ type }) => type === 'mcp');

/** One time in `odds`, else as it should be. */
function mostly<T, U>(odds: number, sound: fc.Arbitrary<T>, other: fc.Arbitrary<U>) {
  return fc.oneof({ weight: odds - 1, arbitrary: sound }, { weight: 1, arbitrary: other });
}

const anything = fc.anything({
  maxDepth: 3,
  key: fc.constantFrom('name', 'arguments', '_meta', '__proto__', 'toString', 'id', ''),
});

const PARENTS = ['projects/my-project/locations/us-central1', 'projects/typed/locations/l1'];
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.oneof(fc.constant(`${ALLOWED_OPERATIONS}/running`), operationNames, trickedNames),
  parent: mostly(3, fc.constantFrom(...PARENTS, 'projects/other/locations/-'), texts),
  reason: mostly(4, fc.constantFrom('it hangs', '~canary~\r\nprincipal=root'), texts),
  wait: mostly(4, fc.constantFrom('0s', '1s', '20s', '55s'), texts),
};

/** Arguments as the schema of a tool has them, with a fault now and then. */
const toolCalls = fc.constantFrom(...TOOLS, ...TOOLS.slice(-1)).chain(({ name, inputSchema }) => {
  const keys = Object.keys(inputSchema.properties);
  const sound = fc.record(
    Object.fromEntries(keys.map((key) => [key, mostly(20, values[key] ?? texts, anything)])),
    { requiredKeys: [...inputSchema.required] },
  );
  const other = fc.oneof(anything, fc.dictionary(fc.oneof(fc.constantFrom(...keys), texts), texts));
  return fc.record({
    name: mostly(20, fc.constant<unknown>(name), fc.oneof(texts, anything)),
    arguments: mostly(8, sound, other),
  });
});

const ids = mostly(
  15,
  fc.constantFrom<unknown>(0, 1, 'one', '', -7),
  fc.oneof(
    fc.constantFrom<unknown>(null, undefined, 1e300, 1.5, true, {}, [1], '9'.repeat(100_000)),
    anything,
  ),
);
const methods = mostly(
  7,
  fc.constant('tools/call'),
  fc.constantFrom(
    ...['tools/list', 'initialize', 'ping', 'server/discover', 'TOOLS/CALL', 'resources/read', ''],
    ...['notifications/initialized', 'notifications/tools/call', 'notifications/cancelled'],
    ...['notifications/initialized', 'notifications/tools/call'],
  ),
);
const versions = mostly(
  10,
  fc.constantFrom('2026-07-28', '2026-07-28', undefined),
  fc.constantFrom('2025-11-25', '2027-01-01', '', 2026, null),
);

function deep(levels: number): object {
  let value: object = {};
  for (let level = 0; level < levels; level++) value = { _meta: value };
  return value;
}

const metas = fc.record({
  version: versions,
  capabilities: mostly(20, fc.constant<unknown>({}), anything),
  client: mostly(
    4,
    fc.constant<unknown>({ name: 'bot', version: '1' }),
    fc.oneof(anything, fc.record({ name: texts, version: texts })),
  ),
  depth: mostly(20, fc.constant(0), fc.constantFrom(50, 99, 200, 5_000)),
});

const messages = fc
  .record({ id: ids, method: methods, call: toolCalls, meta: metas, jsonrpc: fc.nat({ max: 20 }) })
  .map(({ id, method, call, meta, jsonrpc }) => {
    // A notification has no id.
    const key = method.startsWith('notifications/') && typeof id === 'number' ? {} : { id };
    const _meta =
      meta.version === undefined
        ? meta.depth > 0 && deep(meta.depth)
        : {
            [`${META}protocolVersion`]: meta.version,
            [`${META}clientCapabilities`]: meta.capabilities,
            [`${META}clientInfo`]: meta.client,
            ...deep(meta.depth),
          };
    const params = { ...call, ...(_meta && { _meta }) };
    return { jsonrpc: jsonrpc === 0 ? '1.0' : '2.0', ...key, method, params };
  });

const bodies = fc.oneof(
  { weight: 20, arbitrary: messages.map(toJson) },
  { weight: 1, arbitrary: fc.array(messages, { maxLength: 4 }).map(toJson) },
  { weight: 1, arbitrary: anything.map(toJson) },
  // The same key twice, the same id twice.
  {
    weight: 1,
    arbitrary: fc
      .tuple(messages, messages)
      .map(([one, two]) => `${toJson(one).slice(0, -1)},${toJson(two).slice(1)}`),
  },
  { weight: 1, arbitrary: fc.tuple(messages, fc.nat()).map(([one, at]) => cut(toJson(one), at)) },
);

const headers = mostly(
  12,
  fc.constant({}),
  fc.dictionary(
    fc.constantFrom('mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'origin'),
    fc.constantFrom('2026-07-28', '2025-11-25', 'tools/call', 'explain', '=?base64?ZQ?=', ''),
  ),
);

const cases = fc.record({
  agent: fc.nat({ max: agents.length - 1 }),
  body: bodies,
  headers,
});

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return '{}'; // A BigInt is no JSON.
  }
}

function cut(text: string, at: number): string {
  return text.slice(0, at % (text.length + 1));
}

export function hostileAgents(): FuzzProperty {
  const app = startFuzzApp();
  const seen = { cancelled: 0, listed: 0, denied: 0, invalid: 0, faults: 0, notified: 0 };

  async function one(given: typeof cases extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    const { route, fixture } = agents[given.agent] ?? assert.fail();
    const sent = fixture.send(app.world, given.body);
    const asked: FuzzRequest = {
      method: 'POST',
      target: `/${route}`,
      headers: {
        ...sent.headers,
        ...headersOf(given.body),
        ...given.headers,
        'content-length': String(Buffer.byteLength(given.body)),
      },
      body: Buffer.from(given.body),
    };
    const result = await app.ask(asked);
    assertForm(result);
    assertNoLeak(asked, result, app.secrets);
    const cancelled = assertAllowed({ route, identities: [] }, asked, result.calls);
    assert.ok(cancelled <= 1, 'one message cancels one operation');
    if (cancelled > 0) assertAsked(given.body);
    seen.cancelled += cancelled;
    count(result);
  }

  /** A cancel is a whole, single call of its tool, with a reason. */
  function assertAsked(body: string): void {
    const { id, method, params } = JSON.parse(body);
    assert.ok(typeof id === 'string' || Number.isInteger(id), body);
    assert.deepEqual([method, params.name], ['tools/call', 'cancel_operation']);
    assert.ok(params.arguments.reason.length > 0 && params.arguments.reason.length <= 256);
  }

  function count({ status, text, calls }: FuzzResult): void {
    if (status === 202) seen.notified += 1;
    if (text === '' || status === 403) return;
    const { result, error } = JSON.parse(text);
    if (error) seen.faults += 1;
    const reason = result?.structuredContent?.error?.details?.[0].reason;
    if (reason === 'NOT_ALLOWED') seen.denied += 1;
    if (reason === 'INVALID_REQUEST') seen.invalid += 1;
    if (calls.some(({ path }) => path.includes('/operations?'))) seen.listed += 1;
  }

  return {
    name: 'agents',
    property: fc.asyncProperty(cases, one),
    assertSeen(runs) {
      const least = Math.floor(runs / 400);
      for (const [what, times] of Object.entries(seen)) {
        assert.ok(times > least, `${what}: ${JSON.stringify(seen)}`);
      }
    },
    figures: () => JSON.stringify(seen),
  };
}
