/**
 * `explain` and the function say the same. EXPLAIN_RUNS=10000 tries as many configurations; the
 * default is what every change can wait for.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createHandler } from '../../src/handler.ts';
import type { LogEntry } from '../../src/log.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { runCommand } from '../support/command-line.ts';
import { createConfigDeps } from '../support/config-deps.ts';
import {
  createFakeUpstream,
  createParsedResponse,
  LIMITS,
  NO_RATE_LIMIT,
} from '../support/fakes.ts';
import { startFunction } from '../support/function.ts';
import { createConfig } from '../support/test-app.ts';

const RUNS = Number(process.env.EXPLAIN_RUNS ?? 400);
const TOKEN = 'token-0123456789';
const ENV = { TOKEN, SLACK: 'slack-secret' };

const CALLERS = {
  ops: { type: 'json', auth: { bearer: ['env:TOKEN'] } },
  second: { type: 'json', auth: { bearer: ['env:TOKEN'] } },
  people: { type: 'json', auth: { iam: true } },
  slack: { type: 'slack', signingSecret: ['env:SLACK'] },
};
type Route = keyof typeof CALLERS;

const WORDS = ['a', 'ab', 'b'];
const segment = fc.constantFrom(...WORDS, '*', '*', '*', 'a*', '*b');
const word = fc.constantFrom(...WORDS);
const some = (...words: string[]) => fc.subarray(words, { minLength: 1 });
const named = fc
  .tuple(word, word, word)
  .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`);
const TARGETS = ['projects/a/locations/l/caPools/dev-1', 'projects/b/x'];

/** Mostly absent: a rule that asks for all of it allows next to nothing. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const rule = fc.record({
  operations: fc.array(
    fc
      .tuple(segment, segment, segment)
      .map(([p, l, o]) => `projects/${p}/locations/${l}/operations/${o}`),
    { minLength: 1, maxLength: 2 },
  ),
  callers: seldom(some(...Object.keys(CALLERS))),
  principals: seldom(some('ada@b.example', 'bob@b.example', 'T1/U1', 'T1/C1')),
  verbs: seldom(some('create', 'delete')),
  targets: seldom(some('projects/a/**', 'projects/*/locations/*/caPools/dev-*', 'projects/b/*')),
  sweep: seldom(fc.boolean()),
  description: seldom(fc.constantFrom('one', 'two: three')),
});

interface Request {
  readonly route: Route;
  readonly email: string;
  readonly user: string;
  readonly channel: string;
  readonly name: string;
  readonly sweep: boolean;
  readonly metadata: { readonly verb?: string; readonly target?: string };
}

const request: fc.Arbitrary<Request> = fc.record({
  route: fc.constantFrom(...(Object.keys(CALLERS) as Route[])),
  email: fc.constantFrom('ada@b.example', 'bob@b.example'),
  user: fc.constantFrom('U1', 'U2'),
  channel: fc.constantFrom('C1', 'C2'),
  name: named,
  sweep: fc.boolean(),
  metadata: fc.record(
    { verb: fc.constantFrom('create', 'delete', 'update'), target: fc.constantFrom(...TARGETS) },
    { requiredKeys: [] },
  ),
});

const isSweep = ({ sweep, route }: Request) => sweep && route !== 'slack';

function identitiesOf({ route, email, user, channel }: Request): string[] {
  if (route === 'people') return [email];
  return route === 'slack' ? [`T1/${user}`, `T1/${channel}`] : [];
}

/** The webhook, signed as its sender signs it. */
function webhookOf(request: Request): { headers: Record<string, string>; body: string } {
  const { route, email, user, channel, name } = request;
  if (route === 'slack') {
    const fields = { team_id: 'T1', user_id: user, channel_id: channel, command: '/c', text: name };
    const body = new URLSearchParams(fields).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { headers: { ...type, ...signSlack(body, ENV.SLACK, Date.now()) }, body };
  }
  const iat = Math.floor(Date.now() / 1000);
  const claims = { email, email_verified: true, iat, exp: iat + 600 };
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const stripped = `${encoded({ alg: 'RS256' })}.${encoded(claims)}.SIGNATURE_REMOVED_BY_GOOGLE`;
  const [parent] = name.split('/operations/');
  return {
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${route === 'people' ? stripped : TOKEN}`,
    },
    body: JSON.stringify(isSweep(request) ? { parent, olderThan: '1m' } : { name }),
  };
}

interface Verdict {
  readonly decision: string;
  readonly rule?: { readonly index: number };
}

async function explained(config: string, request: Request, known: boolean): Promise<Verdict> {
  const { route, name, metadata } = request;
  const { verb = '', target = '' } = metadata;
  const { out, err } = await runCommand([
    'explain',
    config,
    ...['--caller', route, '--json', ...(isSweep(request) ? ['--sweep'] : [])],
    ...identitiesOf(request).flatMap((id) => ['--principal', id]),
    ...(known ? ['--verb', verb, '--target', target] : []),
    name,
  ]);
  assert.equal(err, '');
  return JSON.parse(out);
}

/** What the log says: the rule is told where one decided on a named operation. */
function decisionOf({ error, rule, sweep }: Record<string, unknown>): {
  decision: string;
  rule?: number;
} {
  if (error === 'NOT_ALLOWED') return { decision: 'denied' };
  assert.equal(error, undefined);
  const [, index] = /^allow\[(\d+)\]/.exec(String(rule ?? '')) ?? [];
  if (index !== undefined) return { decision: 'allowed', rule: Number(index) };
  const { matched, denied } = sweep as { matched: number; denied: number };
  // An operation whose name no sweeping rule covers is not even counted.
  return { decision: matched === 0 || denied === 1 ? 'denied' : 'allowed' };
}

function assertAgree(said: Verdict, did: { decision: string; rule?: number }, about: string): void {
  assert.equal(said.decision, did.decision, about);
  if (did.rule !== undefined) assert.equal(said.rule?.index, did.rule, about);
}

test(`explain agrees with the function for ${RUNS} configurations and requests`, async () => {
  const seen = new Map<string, number>();
  const rules = fc.array(rule, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(rules, request, async (allow, request) => {
      const config = JSON.stringify({ callers: CALLERS, allow });
      const { callers, rules } = loadConfig(config, createConfigDeps({ env: ENV }));
      let reads = 0;
      const { name, metadata } = request;
      const operation = { name, metadata: { ...metadata, createTime: '2020-01-01T00:00:00Z' } };
      const upstream = createFakeUpstream({
        get: async () => {
          reads += 1;
          return createParsedResponse({ ...operation, done: true, response: {} });
        },
        cancel: async () => createParsedResponse({}),
        list: async () => createParsedResponse({ operations: [operation] }),
      });
      const deps = { upstream, clock: systemClock, rateLimiter: NO_RATE_LIMIT };
      const hook = createHandler({ rules, deps, limits: LIMITS });
      const { headers, body } = webhookOf(request);
      const caller = callers.get(request.route);
      assert.ok(caller);
      const entry: LogEntry = {};
      const incoming = {
        method: 'POST',
        query: '',
        headers,
        body: Buffer.from(body),
        receivedAt: Date.now(),
        signal: new AbortController().signal,
      };
      const admission = await hook.authenticate(caller, incoming, entry);
      assert.ok('authenticate' in admission);
      const { pendingTasks } = await hook.handle(caller, admission, incoming, entry);
      await pendingTasks;

      const did = decisionOf({ ...entry });
      const about = `${config} ${JSON.stringify(request)}`;
      assertAgree(await explained(config, request, true), did, about);
      const blind = await explained(config, request, false);
      if (blind.decision !== 'depends') {
        assertAgree(blind, did, about);
        // Slack's cancel waits, and so reads whatever it was that decided.
        if (request.route !== 'slack') assert.equal(reads, 0, 'what is sure is not read');
      } else if (!isSweep(request)) assert.ok(reads > 0, 'what depends is read');
      const kind = `${isSweep(request) ? 'sweep' : 'cancel'} ${blind.decision}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    // Always the same cases, or the counts below would sometimes be too small.
    { numRuns: RUNS, seed: 1 },
  );
  for (const kind of ['allowed', 'denied', 'depends']) {
    for (const what of ['cancel', 'sweep']) {
      assert.ok((seen.get(`${what} ${kind}`) ?? 0) > RUNS / 200, JSON.stringify([...seen]));
    }
  }
});

describe('explain agrees with what is deployed, on a handful', () => {
  let cloud: Emulator;
  before(async () => {
    cloud = await startEmulator();
  });
  after(() => cloud.close());

  for (const seed of [1, 3]) {
    test(`configuration ${seed}`, async (t) => {
      const [allow] = fc.sample(fc.array(rule, { minLength: 6, maxLength: 12 }), {
        seed,
        numRuns: 1,
      });
      const config = createConfig(cloud.url, { callers: CALLERS, allow });
      const hook = await startFunction({ config, env: { ...ENV, GCE_METADATA_HOST: cloud.host } });
      t.after(() => hook.stop());
      let allowed = 0;
      for (const [at, one] of fc.sample(request, { seed, numRuns: 25 }).entries()) {
        const request = { ...one, sweep: false, name: `${one.name}-${seed}-${at}` };
        const { verb, target } = one.metadata;
        cloud.addOperation({
          name: request.name,
          ...(verb === undefined ? {} : { verb }),
          ...(target === undefined ? {} : { target }),
        });
        // The emulator gives each operation a verb and a target of its own where it is told none.
        if (verb === undefined || target === undefined) continue;
        const { headers, body } = webhookOf(request);
        await hook.http.post(`/${request.route}`).set(headers).send(body);
        const line = await hook.log(({ operation }) => operation === request.name);
        const did = decisionOf(line);
        if (did.decision === 'allowed') allowed += 1;
        assertAgree(
          await explained(JSON.stringify(config), request, true),
          did,
          JSON.stringify(request),
        );
      }
      assert.ok(allowed > 0);
    });
  }
});
