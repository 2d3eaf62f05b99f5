import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { CREATION, type OpenConsole, openConsole } from './testing.ts';

let page: OpenConsole;
before(async () => {
  page = await openConsole();
});
after(() => page?.close());

const paths = ['/', '/main.js', '/api/setup', '/api/events'];

describe('the console is for its own page alone', { timeout: 120_000 }, () => {
  test('it listens on 127.0.0.1 and nowhere else', async () => {
    const socket = connect(page.port, '127.0.0.2');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });

  test('a name that was made to lead here is refused', async () => {
    for (const Host of [
      'evil.example',
      `evil.example:${page.port}`,
      '127.0.0.1',
      `127.0.0.1:${page.port + 1}`,
    ]) {
      for (const path of paths)
        assert.equal((await page.ask({ path, headers: { Host } })).status, 421, Host);
      const headers = { Host, Origin: `http://${Host}` };
      assert.equal((await page.post('/api/operations', CREATION, headers)).status, 421);
    }
    assert.equal((await page.ask({ headers: { Host: `localhost:${page.port}` } })).status, 200);
  });

  test('another page starts nothing, sends nothing and hears nothing', async () => {
    const before = page.count();
    const others = [
      'https://evil.example',
      `http://localhost:${page.port}`,
      'http://127.0.0.1',
      'null',
      '',
    ];
    for (const Origin of others) {
      for (const path of [
        '/api/operations',
        '/api/webhooks',
        '/api/compose',
        '/api/replay',
        '/api/command',
        '/api/press',
        '/api/compare',
        '/api/explain',
        '/api/upstream',
      ]) {
        assert.equal((await page.post(path, CREATION, { Origin })).status, 403, Origin);
      }
    }
    const { Origin: _, ...headers } = { Origin: '', 'Content-Type': 'application/json' };
    const bare = { method: 'POST', path: '/api/operations', headers, body: '{}' };
    assert.equal((await page.ask(bare)).status, 403, 'without an origin');
    for (const site of ['cross-site', 'same-site']) {
      for (const path of paths.slice(1)) {
        assert.equal((await page.ask({ path, headers: { 'Sec-Fetch-Site': site } })).status, 403);
      }
    }
    assert.equal(page.count(), before);
  });

  test('a form of another page could not even be read', async () => {
    const wrong = { 'Content-Type': 'text/plain' };
    assert.equal((await page.post('/api/operations', CREATION, wrong)).status, 415);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
      assert.equal((await page.ask({ method })).status, 405);
    }
  });

  test('no path leads out of its page', async () => {
    for (const path of [
      '/../server.ts',
      '/..%2fserver.ts',
      '/%2e%2e/server.ts',
      '//etc/passwd',
      '/page/index.html',
      '/index.html',
      '/main.js/',
      '/main.js%00',
      '/constructor',
      '/__proto__',
      '/api/constructor',
    ]) {
      assert.equal((await page.ask({ path })).status, 404, path);
      assert.equal((await page.post(path, {})).status, 404, path);
    }
  });

  test('its answers let a browser take nothing from elsewhere', async () => {
    for (const path of paths.slice(0, 3)) {
      const { headers } = await page.ask({ path });
      assert.match(
        String(headers['content-security-policy']),
        /^default-src 'none'; connect-src 'self'/,
      );
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|http|\*|data:/);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  });
});
