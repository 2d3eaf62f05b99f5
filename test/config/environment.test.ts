import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import {
  assertNoPlainHttp,
  bypassProxy,
} from '../../src/google/application-default-credentials.ts';
import { assertError } from '../support/error-form.ts';
import { freePort, spawnFunction } from '../support/function.ts';
import { type RecordingProxy, startProxy } from '../support/proxy.ts';
import { sendRaw } from '../support/socket.ts';
import {
  createConfig,
  getCancelRequests,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-environment-'));
let proxy: RecordingProxy;
before(async () => {
  proxy = await startProxy();
});
beforeEach(() => {
  proxy.requests.length = 0;
});
after(() => {
  proxy.close();
  rmSync(folder, { recursive: true });
});

async function withApp(env: Record<string, string>, run: (app: TestApp) => Promise<void>) {
  const app = await startTestApp({ env });
  try {
    await run(app);
  } finally {
    await app.stop();
  }
}

test('an unsafe variable stops the start, and the message holds no secret', async () => {
  const env = { OPS_TOKEN, NODE_OPTIONS: '--tls-keylog=/dev/null' };
  const config = createConfig('http://127.0.0.1:1');
  const child = spawnFunction({ config, env }, await freePort());
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  assert.equal(code, 1);
  assert.match(output, /Configuration: \$ cannot be used .*\bNODE_OPTIONS\b/);
  assert.ok(!output.includes(OPS_TOKEN), output);
});

test('DEBUG makes libraries say much, and nothing that is secret', () =>
  withApp({ DEBUG: '*', DEBUG_AUTH: '1' }, async (app) => {
    await app.post({ name: app.createOperation(), reason: 'canary-reason' }).expect(200);
    await app.process.http.post('/ops?auth_token=canary-query').send({ name: 'canary-name' });
    const said = app.process.stderr();
    assert.match(said, /express/, 'they were heard');
    const secrets = [OPS_TOKEN, app.emulator.tokens.last ?? assert.fail(), 'canary'];
    for (const secret of secrets) assert.ok(!said.includes(secret), `${secret} in ${said}`);
  }));

/**
 * A way to a server by an address that is this machine's, but none of those that the hook itself has
 * every proxy leave out: only so would a proxy be used for it.
 */
async function byAnotherAddress(t: TestContext, target: string): Promise<string> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    const there = connect(Number(port), hostname);
    for (const socket of [client, there]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(there).pipe(client);
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.2:${(server.address() as AddressInfo).port}`;
}

// Elsewhere 127.0.0.1 is the only address of this kind.
describe('a proxy that the environment names', { skip: process.platform !== 'linux' }, () => {
  for (const names of [
    ['HTTP_PROXY', 'HTTPS_PROXY'],
    ['http_proxy', 'https_proxy'],
    ['HTTP_PROXY', 'HTTPS_PROXY', 'NODE_USE_ENV_PROXY'],
    ['HTTP_PROXY', 'HTTPS_PROXY', 'no_proxy'],
  ]) {
    test(`sees neither a token nor a cancel (${names.join(', ')})`, async (t) => {
      const values: Record<string, string> = { NODE_USE_ENV_PROXY: '1', no_proxy: 'example.com' };
      const env = Object.fromEntries(names.map((name) => [name, values[name] ?? proxy.url]));
      const app = await startTestApp({
        env,
        apiProxy: async ({ url }) => `http://${await byAnotherAddress(t, url)}`,
        metadataProxy: ({ url }) => byAnotherAddress(t, url),
      });
      try {
        await app.post({ name: app.createOperation() }).expect(200);
        assert.deepEqual(proxy.requests, []);
      } finally {
        await app.stop();
      }
    });
  }
});

test('no variable of an SDK moves a call elsewhere', () =>
  withApp(
    {
      GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'evil.example',
      CLOUDSDK_CORE_UNIVERSE_DOMAIN: 'evil.example',
      CLOUDSDK_API_ENDPOINT_OVERRIDES_PRIVATECA: `${proxy.url}/`,
      GOOGLE_API_USE_MTLS_ENDPOINT: 'always',
      GOOGLE_API_USE_CLIENT_CERTIFICATE: 'true',
      GOOGLE_CLOUD_QUOTA_PROJECT: 'evil',
      ALL_PROXY: proxy.url,
    },
    async (app) => {
      await app.post({ name: app.createOperation() }).expect(200);
      assert.deepEqual(proxy.requests, []);
      const [cancel] = getCancelRequests(app.emulator);
      assert.equal(cancel?.headers['x-goog-user-project'], undefined);
    },
  ));

test('the metadata server that the environment names is told no secret', () =>
  withApp({}, async (app) => {
    app.emulator.tokens.revoke();
    await app.post({ name: app.createOperation() }).expect(200);
    const asked = app.emulator.requests.filter(({ path }) => path.startsWith('/computeMetadata/'));
    assert.ok(asked.length > 0);
    for (const { method, headers, body } of asked) {
      assert.deepEqual([method, body.toString()], ['GET', '']);
      assert.equal(headers.authorization, undefined);
      assert.ok(!JSON.stringify(headers).includes(OPS_TOKEN));
    }
  }));

describe('a credential file', () => {
  const federation = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
  };
  writeFileSync(join(folder, 'subject'), 'canary-subject-token');
  const source = { file: join(folder, 'subject') };

  function fileOf(credentials: object): Record<string, string> {
    const path = join(folder, `${Math.random()}.json`);
    writeFileSync(path, JSON.stringify(credentials));
    return { GOOGLE_APPLICATION_CREDENTIALS: path };
  }

  const inTheClear: Record<string, object> = {
    token_url: {
      ...federation,
      credential_source: source,
      token_url: 'http://sts.example/v1/token',
    },
    'credential_source.url': {
      ...federation,
      credential_source: { url: 'http://subject.example/token' },
    },
    service_account_impersonation_url: {
      ...federation,
      credential_source: source,
      service_account_impersonation_url: 'HTTP://iamcredentials.example/v1/x:generateAccessToken',
    },
  };
  for (const [what, credentials] of Object.entries(inTheClear)) {
    test(`that would send a secret in the clear is refused, and nothing is sent (${what})`, () =>
      withApp({ ...fileOf(credentials), HTTP_PROXY: proxy.url }, async (app) => {
        assertError(await app.post({ name: app.createOperation() }), 'CREDENTIALS_UNAVAILABLE');
        assert.deepEqual(proxy.requests, []);
        assert.doesNotMatch(app.process.stdout() + app.process.stderr(), /canary|example/);
      }));
  }

  for (const names of [['HTTP_PROXY'], ['HTTPS_PROXY', 'NODE_USE_ENV_PROXY', 'HTTP_PROXY']]) {
    test(`that names this machine is followed without a proxy (${names.join(', ')})`, async () => {
      const asked: string[] = [];
      const source = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.writeHead(404).end();
      }).listen(0, '127.0.0.1');
      await once(source, 'listening');
      const { port } = source.address() as AddressInfo;
      const credential_source = { url: `http://127.0.0.1:${port}/token` };
      const proxies = names.map((name) => [name, name.startsWith('NODE') ? '1' : proxy.url]);
      const env = {
        ...fileOf({ ...federation, credential_source }),
        ...Object.fromEntries(proxies),
      };
      await withApp(env, async (app) => {
        assertError(await app.post({ name: app.createOperation() }), 'CREDENTIALS_UNAVAILABLE');
      });
      source.closeAllConnections();
      source.close();
      assert.equal(asked[0], '/token');
      assert.deepEqual(proxy.requests, []);
    });
  }

  test('may name the metadata servers of other clouds, which are asked without a proxy', () => {
    const env: Record<string, string> = { no_proxy: 'example.com' };
    bypassProxy(env);
    for (const host of ['169.254.169.254', '[fd00:ec2::254]']) {
      assertNoPlainHttp({ credential_source: [{ url: `http://${host}/token` }] });
      assert.ok(env.NO_PROXY?.split(',').includes(host));
    }
    assert.match(env.NO_PROXY ?? '', /^example\.com,/);
    for (const host of ['169.254.169.254.example', '169.254.1.1', '10.0.0.1', '[fd00:ec2::255]']) {
      assert.throws(() =>
        assertNoPlainHttp({ credential_source: { url: `http://${host}/token` } }),
      );
    }
  });

  test("runs no command without Google's own variable for that", () => {
    const ran = join(folder, 'ran');
    const executable = { command: `/usr/bin/touch ${ran}`, timeout_millis: 5_000 };
    const env = fileOf({ ...federation, credential_source: { executable } });
    return withApp(env, async (app) => {
      assertError(await app.post({ name: app.createOperation() }), 'CREDENTIALS_UNAVAILABLE');
      assert.ok(!existsSync(ran));
    });
  });
});

test('no flag of Node’s makes the parser of HTTP lenient, or its headers larger', () =>
  withApp(
    { NODE_OPTIONS: '--insecure-http-parser --max-http-header-size=1000000' },
    async ({ process }) => {
      const ambiguous =
        'POST /ops HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
      assert.match(await sendRaw(process.url, ambiguous), /^HTTP\/1\.1 400 /);
      const large = `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
      assert.match(await sendRaw(process.url, large), /^HTTP\/1\.1 400 /);
      await process.http.get('/').expect(200);
    },
  ));
