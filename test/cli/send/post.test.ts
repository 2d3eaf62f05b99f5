/** `cancel-hook send` where the other end is no hook, or none at all: it tells so, and tells no secret. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { TLS } from '../../fixtures/tls.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { freePort } from '../../support/function.ts';

const NAME = 'projects/p/locations/l/operations/o';
const SECRET = 'a-secret "of" mine/+=';
const BEARER = ['--type', 'json', '--secret', 'env:SECRET'];
const env = { SECRET };

async function serve(t: TestContext, server: { listen: Server['listen'] }): Promise<number> {
  const listening = server.listen(0, '127.0.0.1');
  t.after(() => {
    listening.closeAllConnections?.();
    listening.close();
  });
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

const http = async (t: TestContext, answer: RequestListener) =>
  `http://127.0.0.1:${await serve(t, createServer(answer))}`;

const sendTo = (url: string, ...args: string[]): Promise<CliResult> =>
  runCli(['send', '--url', `${url}/ops`, ...BEARER, ...args, NAME], { env });

describe('no answer is an error of one line', () => {
  async function assertTold(url: string, pattern: RegExp, ...args: string[]): Promise<void> {
    const { code, out, err } = await sendTo(url, ...args);
    assert.equal(code, 1, out + err);
    assert.match(err, pattern);
    assert.match(err, /^cancel-hook send: no response from [\w.:-]+: [^\n]+\n$/);
    assert.ok(!err.includes(SECRET));
  }

  test('nobody listens', async () => {
    await assertTold(`http://127.0.0.1:${await freePort()}`, /refuses the connection/);
  });

  test('no such host', () => assertTold('https://hook.invalid', /does not resolve/));

  test('a port that fetch blocks', () =>
    assertTold('http://127.0.0.1:9', /fetch does not allow its port/));

  test('a certificate that nobody vouches for', async (t) => {
    const port = await serve(t, createTlsServer(TLS));
    await assertTold(`https://127.0.0.1:${port}`, /certificate is not trusted/);
  });

  test('no TLS', async (t) => {
    const url = await http(t, (_, response) => response.end());
    await assertTold(url.replace('http:', 'https:'), /does not speak TLS/);
  });

  test('a connection that breaks off', async (t) => {
    const port = await serve(t, createTcpServer((socket) => socket.destroy()) as never);
    await assertTold(`http://127.0.0.1:${port}`, /closed the connection/);
  });

  test('silence, and a body that never ends', async (t) => {
    await assertTold(await http(t, () => {}), /within 0\.3 s/, '--timeout', '0.3s');
    const endless = await http(t, (_, response) => void response.write('{'));
    await assertTold(endless, /within 0\.3 s/, '--timeout', '0.3s');
  });
});

describe('an answer that is none of the hook’s', () => {
  test('is a 1, also with a 200', async (t) => {
    const url = await http(t, (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<h1>Sign in</h1>');
    });
    const { code, out, err } = await sendTo(url);
    assert.deepEqual([code, out.split('\n').slice(1)], [1, ['200 OK', '<h1>Sign in</h1>', '']]);
    assert.match(err, /not the function.s\. Is the URL correct/);
  });

  test('what stands before the hook and refuses is told from the hook', async (t) => {
    const url = await http(t, (_, response) => response.writeHead(403).end('Forbidden'));
    const { code, err } = await sendTo(url);
    assert.equal(code, 1);
    assert.match(err, /IAM check/);
  });

  test('a redirect is not followed', async (t) => {
    let followed = 0;
    const other = await http(t, (_, response) => {
      followed += 1;
      response.end('{}');
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await http(t, (_, response) =>
        response.writeHead(status, { location: `${other}/ops` }).end(),
      );
      const { code, out, err } = await sendTo(url);
      assert.equal(code, 1);
      assert.match(out, new RegExp(`\\n${status} `));
      assert.match(err, /not followed/);
    }
    assert.equal(followed, 0);
  });

  test('is read up to 1 MiB', async (t) => {
    const url = await http(t, async (_, response) => {
      const chunk = 'x'.repeat(65_536);
      while (!response.destroyed) {
        if (!response.write(chunk))
          await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    });
    const { code, out } = await sendTo(url, '--timeout', '20s');
    assert.equal(code, 1);
    assert.equal(out.match(/x+/)?.[0].length, 1_048_576);
  });

  test('what it echoes of the credentials is blanked, and no terminal obeys it', async (t) => {
    const url = await http(t, (request, response) => {
      response.setHeader('content-type', 'application/json');
      const echo = { ...request.headers, url: request.url, secret: SECRET, bell: '\u0007\u009b2J' };
      response.end(JSON.stringify(echo));
    });
    const ways: Record<string, string[]> = {
      slack: [],
      pagerduty: [],
      grafana: ['--timestamp-header', 'X-Time'],
      alertmanager: ['--auth', 'basic', '--username', 'me'],
      'cloud-monitoring': ['--auth', 'token'],
    };
    for (const [type, args] of Object.entries(ways)) {
      const sending = ['send', '--url', url, '--type', type, ...args, '--secret', 'env:SECRET'];
      const { out, err, sent } = await runCli(sending, { env });
      assert.match(out, /\[secret\]/);
      assert.match(out, /\\u009b2J/);
      const [{ headers = {}, query = '' } = {}] = sent;
      const { 'content-type': _, 'user-agent': __, ...credentials } = headers;
      const shapes = [
        SECRET,
        JSON.stringify(SECRET).slice(1, -1),
        ...Object.values(credentials),
        query,
      ];
      for (const credential of shapes.flatMap((one) => [one, one.split(' ').at(-1) ?? ''])) {
        assert.ok(credential === '' || !(out + err).includes(credential), `${type}: ${credential}`);
      }
    }
  });
});

describe('nothing is sent', () => {
  async function assertRefused(args: string[], pattern: RegExp, more = env): Promise<void> {
    const { code, out, err, sent } = await runCli(['send', ...args], { env: more });
    assert.deepEqual([code, out, sent], [2, '', []], err);
    assert.match(err, pattern);
    for (const secret of [SECRET, encodeURIComponent(SECRET)])
      assert.ok(!err.includes(secret), err);
  }
  const rest = [...BEARER, NAME];

  test('in the clear, but to this machine', async () => {
    for (const url of [
      'http://hook.example.com',
      'http://127.0.0.1.example.com',
      'http://10.0.0.1',
    ]) {
      await assertRefused(['--url', url, ...rest], /--url must be https:/);
    }
  });

  test('where the URL holds a secret, which is not repeated', async () => {
    await assertRefused(
      ['--url', `https://a:${encodeURIComponent(SECRET)}@b.example`, ...rest],
      /credentials/,
    );
    const query = `https://hook.example/m?auth_token=${encodeURIComponent(SECRET)}`;
    await assertRefused(['--url', query, ...rest], /query/);
  });

  test('where a secret is written in place of its reference', async () => {
    const url = ['--url', 'https://hook.example.com'];
    await assertRefused([...url, '--type', 'slack', '--secret', SECRET], /env:NAME or file:/);
    await assertRefused([...url, '--type', 'pubsub', '--id-token', SECRET, NAME], /env:NAME/);
    const inline = { callers: { a: { type: 'slack', signingSecret: SECRET } } };
    const config = ['--config', JSON.stringify(inline), '--caller', 'a'];
    await assertRefused([...url, ...config], /\$\.callers\.a\.signingSecret must be a reference/);
  });

  test('where there is no secret', async () => {
    const url = ['--url', 'https://hook.example.com', '--type', 'slack'];
    await assertRefused(url, /needs --secret/);
    await assertRefused([...url, '--secret', 'env:OTHER'], /variable OTHER is missing/);
    await assertRefused([...url, '--secret', 'file:/no/such'], /file \/no\/such cannot be read/);
  });

  test('that no header can carry, and the secret is not told', async () => {
    const args = ['send', '--url', 'https://hook.example.com', ...rest];
    for (const secret of ['sécret-1', 'with\nbreak']) {
      const { code, err, sent } = await runCli(args, { env: { SECRET: secret } });
      assert.deepEqual([code, sent], [1, []]);
      assert.match(err, /no HTTP header can carry/);
      assert.ok(!err.includes(secret));
    }
  });
});
