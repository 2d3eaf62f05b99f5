import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse, PARENT, TOKEN } from '../demo/house.ts';
import { PARENTS } from './callers.ts';
import type { Fired } from './fired.ts';
import { type Console, startConsole } from './server.ts';

let house: House;
let served: Console;
let port: number;
before(async () => {
  house = await openHouse();
  served = await startConsole(house, 0);
  port = Number(new URL(served.url).port);
});
after(async () => {
  await served?.close();
  await house?.close();
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request to the letter: `fetch` would mend the path and the headers. */
async function open({ method = 'GET', path = '/', headers = {}, body }: Asked) {
  const host = `127.0.0.1:${port}`;
  const all = { Host: host, Connection: 'close', ...headers };
  const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers: all });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

async function ask(asked: Asked) {
  const response = await open(asked);
  const text = (await response.toArray()).join('');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** As the page itself would. */
function post(path: string, wish: unknown, headers: Readonly<Record<string, string>> = {}) {
  const own = { Origin: served.url, 'Content-Type': 'application/json' };
  const body = typeof wish === 'string' ? wish : JSON.stringify(wish);
  return ask({ method: 'POST', path, headers: { ...own, ...headers }, body });
}

const creation = { verb: 'create', parent: PARENT, pool: 'p', duration: '10m' };
const count = () => house.emulator.operations().length;
const paths = ['/', '/main.js', '/api/setup', '/api/events'];

/** Reads events until one fits. @returns all the text so far */
async function listenFor(fits: (event: string, data: unknown) => boolean): Promise<string> {
  const response = await open({ path: '/api/events' });
  let text = '';
  let rest = '';
  for await (const chunk of response) {
    text += chunk;
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    for (const one of events) {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(one) ?? [];
      if (fits(event, JSON.parse(data))) {
        response.destroy();
        return text;
      }
    }
  }
  throw new Error('the events ended');
}

/** For those who would otherwise wait for ever. */
const options = { timeout: 30_000 };

describe('the console is for its own page alone', options, () => {
  test('it listens on 127.0.0.1 and nowhere else', async () => {
    const socket = connect(port, '127.0.0.2');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });

  test('a name that was made to lead here is refused', async () => {
    for (const Host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
    ]) {
      for (const path of paths)
        assert.equal((await ask({ path, headers: { Host } })).status, 421, Host);
      const headers = { Host, Origin: `http://${Host}` };
      assert.equal((await post('/api/operations', creation, headers)).status, 421);
    }
    assert.equal((await ask({ headers: { Host: `localhost:${port}` } })).status, 200);
  });

  test('another page starts nothing, sends nothing and hears nothing', async () => {
    const before = count();
    const others = [
      'https://evil.example',
      `http://localhost:${port}`,
      'http://127.0.0.1',
      'null',
      '',
    ];
    for (const Origin of others) {
      for (const path of ['/api/operations', '/api/webhooks', '/api/compose']) {
        assert.equal((await post(path, creation, { Origin })).status, 403, Origin);
      }
    }
    const { Origin: _, ...headers } = { Origin: '', 'Content-Type': 'application/json' };
    const bare = { method: 'POST', path: '/api/operations', headers, body: '{}' };
    assert.equal((await ask(bare)).status, 403, 'without an origin');
    for (const site of ['cross-site', 'same-site']) {
      for (const path of paths.slice(1)) {
        assert.equal((await ask({ path, headers: { 'Sec-Fetch-Site': site } })).status, 403);
      }
    }
    assert.equal(count(), before);
  });

  test('a form of another page could not even be read', async () => {
    const wrong = { 'Content-Type': 'text/plain' };
    assert.equal((await post('/api/operations', creation, wrong)).status, 415);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
      assert.equal((await ask({ method })).status, 405);
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
      assert.equal((await ask({ path })).status, 404, path);
      assert.equal((await post(path, {})).status, 404, path);
    }
  });

  test('its answers let a browser take nothing from elsewhere', async () => {
    for (const path of paths.slice(0, 3)) {
      const { headers } = await ask({ path });
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

describe('what it is asked', options, () => {
  const webhook = { caller: 'ops', proof: 'right', body: '{}' };

  test('nonsense is told as such, and does nothing', async () => {
    const before = count();
    const rows: [number, string, unknown][] = [
      [400, '/api/operations', 'no JSON'],
      [400, '/api/operations', 'null'],
      [400, '/api/operations', { ...creation, verb: 'update' }],
      [400, '/api/operations', { ...creation, parent: 'projects/p' }],
      [400, '/api/operations', { ...creation, pool: '../p' }],
      [400, '/api/operations', { ...creation, duration: '1s\r\nX: y' }],
      [400, '/api/operations', { verb: 'delete', target: `${PARENT}/caPools/..`, duration: '5s' }],
      [
        404,
        '/api/operations',
        { verb: 'delete', target: `${PARENT}/caPools/none`, duration: '5s' },
      ],
      [400, '/api/webhooks', { ...webhook, caller: 'nobody' }],
      [400, '/api/webhooks', { ...webhook, caller: '__proto__' }],
      [400, '/api/webhooks', { ...webhook, proof: 'constructor' }],
      [400, '/api/webhooks', { ...webhook, proof: 'altered' }],
      [400, '/api/compose', { caller: 'ops', command: 99 }],
      [413, '/api/webhooks', { ...webhook, body: 'x'.repeat(4_194_304) }],
    ];
    for (const [status, path, wish] of rows) {
      const answer = await post(path, wish);
      assert.equal(answer.status, status, `${path} ${answer.text}`);
      assert.equal(typeof JSON.parse(answer.text).error, 'string');
    }
    assert.equal(count(), before);
  });

  test('an operation can be started in each place that is offered', async () => {
    for (const parent of PARENTS) {
      const { text } = await post('/api/operations', { ...creation, parent });
      const { name } = JSON.parse(text);
      assert.ok(name.startsWith(`${parent}/operations/`));
      assert.equal(house.emulator.operation(name)?.done, false);
    }
  });

  test('each webhook finds its own log line among those that come at the same time', async () => {
    const reasons = new Set(Array.from({ length: 20 }, (_, index) => `reason ${index}`));
    const operation = `${PARENT}/operations/none`;
    const posts = [...reasons].map((reason) => ({
      ...webhook,
      body: undefined,
      command: '0',
      operation,
      reason,
    }));
    const all = listenFor((event, data) => {
      const { line, answer, sent, rule } = data as Fired;
      if (event !== 'webhook' || !line) return false;
      assert.equal(line.reason, JSON.parse(sent.body).reason);
      assert.equal(answer?.status, 404);
      assert.equal(rule?.rules[0]?.name, 'allow[0]');
      assert.ok(reasons.delete(String(line.reason)));
      return reasons.size === 0;
    });
    await Promise.all(posts.map((wish) => post('/api/webhooks', wish)));
    await all;
  });

  test('a webhook that is held up does not hold up the end', async () => {
    const other = await startConsole(house, 0);
    const held = `${PARENT}/operations/held`;
    house.emulator.addOperation({ name: held, duration: 600_000, onCancel: 'ignore' });
    const headers = { Origin: other.url, 'Content-Type': 'application/json' };
    const wish = {
      caller: 'ops',
      proof: 'right',
      body: JSON.stringify({ name: held, wait: '5s' }),
    };
    await fetch(`${other.url}/api/webhooks`, {
      method: 'POST',
      headers,
      body: JSON.stringify(wish),
    });
    const events = await fetch(`${other.url}/api/events`);
    const started = Date.now();
    await other.close();
    assert.ok(Date.now() - started < 1_000);
    await assert.rejects(events.text());
    await assert.rejects(fetch(other.url));
  });
});

test('no secret and no whole signature ever reaches the page', options, async () => {
  const { text: setup } = await ask({ path: '/api/setup' });
  const { callers } = JSON.parse(setup) as {
    callers: { route: string; proofs: { id: string }[]; commands: unknown[] }[];
  };
  assert.equal(callers.length, house.callers.size + 1);
  const operation = `${PARENT}/operations/none`;
  const wishes = callers.flatMap(({ route, proofs, commands }) =>
    proofs.flatMap(({ id: proof }) =>
      [...commands.keys()].map((command) => ({ caller: route, proof, command, operation })),
    ),
  );
  let complete = 0;
  const listening = listenFor((event, data) => {
    if (event === 'webhook' && (data as Fired).line) complete += 1;
    return complete === wishes.length;
  });
  for (const wish of wishes) assert.equal((await post('/api/webhooks', wish)).status, 200);
  const told = await listening;
  assert.match(told, /"x-slack-signature":"v0=[0-9a-f]{8}…"/);
  assert.match(told, /"authorization":"Bearer …"/);
  const secrets = [...house.callers.values()].flatMap(({ env }) => Object.values(env));
  assert.ok(secrets.length > 8);
  for (const secret of [...secrets, TOKEN, 'a-guess', 'foreign-secret']) {
    for (const form of [
      secret,
      encodeURIComponent(secret),
      btoa(unescape(encodeURIComponent(secret))),
    ]) {
      assert.ok(!`${setup}${told}`.includes(form), secret);
    }
  }
  assert.doesNotMatch(told, /eyJ[\w-]+\.eyJ|v0=[0-9a-f]{9}|"[0-9a-f]{64}"/);
});
