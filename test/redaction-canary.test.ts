/**
 * No secret comes out of the running function: not the callers', in any of their credentials, not the
 * environment's, not the hook's own token, wherever upstream or the metadata server repeat it.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ALL_CALLERS, routed, sendWebhook, toWorld } from './support/callers.ts';
import { assertNoLeak, CANARY } from './support/canary.ts';
import {
  type Fault,
  type FaultServer,
  formatResponse,
  startFaultServer,
} from './support/fault-server.ts';
import {
  ALLOW_ALL,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from './support/test-app.ts';

const HEADERS = {
  cookie: `session=${CANARY}`,
  referer: `https://host/?key=${CANARY}`,
  'user-agent': CANARY,
  'x-api-key': CANARY,
  'x-forwarded-for': CANARY,
  'x-forwarded-host': CANARY,
  'x-goog-iap-jwt-assertion': CANARY,
  'x-goog-authenticated-user-email': CANARY,
  'proxy-authorization': `Basic ${CANARY}`,
  traceparent: CANARY,
  'x-cloud-trace-context': CANARY,
};

describe('of a caller’s credentials nothing comes out:', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp(ALL_CALLERS);
  });
  after(() => app.stop());

  /** Secrets also as what they stand for, where they are in base64. */
  const secretsOf = (env: Readonly<Record<string, string>>) =>
    Object.values(env).flatMap((secret) => {
      const [, encoded] = /^whsec_(.+)$/.exec(secret) ?? [];
      return encoded ? [secret, Buffer.from(encoded, 'base64').toString('latin1')] : [secret];
    });
  const unquoted = (body: string) => (/^\w+=/.test(body) ? decodeURIComponent(body) : body);
  const output = (answer: unknown) =>
    `${JSON.stringify(answer)}\n${app.process.stdout()}${app.process.stderr()}`;

  for (const { type, fixture, route } of routed) {
    test(`${type}, ${fixture.name}`, async () => {
      const name = app.createOperation();
      const sent = (['current', 'old', 'wrongKey'] as const)
        .filter((secret) => secret !== 'old' || fixture.rotates)
        .flatMap((secret) =>
          [
            fixture.body(toWorld(app), name),
            fixture.body(toWorld(app), 'projects/p/locations/l/operations/denied'),
            fixture.malformed,
            `{"canary": "${CANARY}`,
          ].map((body) => fixture.send(toWorld(app), body, { secret })),
        );
      for (const one of sent) {
        const credentials = fixture.credentials.map(({ get, prefix }) =>
          get(one).replace(prefix, ''),
        );
        const query = [one.query, `canary=${CANARY}`].filter(Boolean).join('&');
        const headers = { ...HEADERS, ...one.headers };
        const answer = await sendWebhook(app, route, { ...one, query, headers });
        // Whoever knows a response_url can write into the channel.
        const [, url] = /response_url(?:=|": ?")([^&"]+)/.exec(unquoted(one.body)) ?? [];
        const told = [...secretsOf(fixture.env), ...credentials, ...(url ? [url] : [])];
        const secrets = told.filter(({ length }) => length > 5);
        assertNoLeak(output(answer), secrets);
        for (const part of fixture.credentials) {
          const wrong = part.set({ ...one, headers }, `${part.prefix}${CANARY}`);
          assertNoLeak(output(await sendWebhook(app, route, wrong)), secrets);
        }
      }
    });
  }
});

describe('of the hook’s own token nothing comes out, though upstream repeats it', () => {
  let app: TestApp;
  let wire: FaultServer;
  const PARENT = OPERATIONS.replace(/\/operations$/, '');
  before(async () => {
    app = await startTestApp({
      env: {
        UNRELATED: CANARY,
        DATABASE_URL: `db://u:${CANARY}@host/`,
        AWS_SECRET_ACCESS_KEY: CANARY,
      },
      config: {
        callers: { ops: OPS_CALLER },
        allow: [{ ...ALLOW_ALL[0], sweep: true }],
        limits: { upstreamSeconds: 2 },
      },
      apiProxy: async (cloud) => {
        wire = await startFaultServer(cloud.url);
        return wire.url;
      },
    });
    await app.post({ name: app.createOperation() }).expect(200);
  });
  after(async () => {
    await app.stop();
    await wire.stop();
  });

  /** The token as upstream got it. */
  const tokenIn = (head: string) =>
    /^authorization: Bearer (.*)$/im.exec(head)?.[1] ?? assert.fail();

  const encodings: Readonly<Record<string, (token: string) => string>> = {
    'in plain': (token) => token,
    'with its scheme': (token) => `Bearer ${token}`,
  };
  const error = (status: number, text: string) =>
    formatResponse(
      status,
      `{"error":{"code":${status},"status":"X","message":"${text}","details":[{"${text}":["${text}"]}]}}`,
    );
  const places: Readonly<Record<string, (text: string) => string>> = {
    'an answer': (text) => formatResponse(200, `{"name":"${text}","metadata":{"${text}":1}}`),
    'a redirect': (text) => formatResponse(307, '', { location: `https://host/?t=${text}` }),
    'a challenge': (text) =>
      formatResponse(401, '', { 'www-authenticate': `Bearer realm="${text}"` }),
    'advice to wait': (text) => formatResponse(429, `{"error":{}}`, { 'retry-after': text }),
    cookies: (text) => formatResponse(200, '{}', { 'set-cookie': `a=${text}`, etag: text }),
    'a media type': (text) => formatResponse(200, '{}', { 'content-type': `text/${text}` }),
    'the words beside the status': (text) =>
      formatResponse(403, '{"error":{"code":403}}').replace('Status', text),
    'a line that is no HTTP': (text) => `${text}\r\n\r\n`,
    'a header that is none': (text) => `HTTP/1.1 200 OK\r\n${text}\r\n\r\n{}`,
    'a page': (text) => formatResponse(500, `<h1>${text}</h1>`),
    'JSON that is none': (text) => formatResponse(200, `{"a": ${text}`),
    'a key that comes twice': (text) =>
      formatResponse(400, `{"error":{"code":400,"message":"${text}","message":"no"}}`),
    ...Object.fromEntries(
      [400, 401, 403, 404, 409, 429, 500, 501, 503, 504].map((status) => [
        `a ${status}`,
        (text: string) => error(status, text),
      ]),
    ),
  };
  const asks: Readonly<Record<string, (name: string) => object>> = {
    ':cancel': (name) => ({ name }),
    '': (name) => ({ name, wait: '0s' }),
    '/operations': () => ({ parent: PARENT, olderThan: '0s', limit: 2 }),
  };

  for (const [place, say] of Object.entries(places)) {
    test(`in ${place}`, async () => {
      for (const encoding of Object.values(encodings)) {
        for (const [ending, ask] of Object.entries(asks)) {
          const name = app.createOperation();
          const told: string[] = [];
          const fault: Fault = ({ head, socket }) => {
            const token = tokenIn(head);
            told.push(token);
            socket.write(say(encoding(token)), 'latin1');
          };
          const stop = wire.on(ending === '/operations' ? ending : `${name}${ending}`, fault);
          const answer = await app.post(ask(name));
          stop();
          assert.ok(told.length > 0, 'upstream had it to tell');
          const said = `${JSON.stringify(answer.headers)}\n${answer.text}\n${app.process.stdout()}${app.process.stderr()}`;
          assertNoLeak(said, [...new Set(told), OPS_TOKEN]);
          for (const token of told) assert.ok(!said.includes(encoding(token)), encoding(token));
        }
      }
    });
  }

  test('in a list’s pages, names and places that could not be asked', async () => {
    let token = '';
    const stop = wire.on('/operations', ({ head, socket }) => {
      token = tokenIn(head);
      const operation = {
        name: `${OPERATIONS}/${token}`,
        metadata: { createTime: '2020-01-01T00:00:00Z', verb: token, target: token },
      };
      const page = { operations: [operation], unreachable: [`locations/${token}`], [token]: token };
      socket.write(formatResponse(200, JSON.stringify(page)));
    });
    const answer = await app.post({ parent: PARENT, olderThan: '0s' });
    stop();
    assertNoLeak(`${answer.text}\n${app.process.stdout()}${app.process.stderr()}`, [token]);
  });
});
