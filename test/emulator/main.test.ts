import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseDuration } from './duration.ts';
import { startEmulator } from './index.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

async function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the command says where it listens, serves, and stops on ${signal}`, async () => {
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--duration', '0s'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(child.stdout, 'data');
      const [, url, port] = /(http:\/\/127\.0\.0\.1:(\d+))/.exec(String(line)) ?? [];
      assert.match(String(line), new RegExp(`GCE_METADATA_HOST=127\\.0\\.0\\.1:${port}`));
      const response = await fetch(`${url}/v1/projects/p/locations/l/caPools?caPoolId=a`, {
        method: 'POST',
        body: '{"tier":"DEVOPS"}',
        signal: AbortSignal.timeout(5_000),
      });
      assert.match(await response.text(), /"done": true/);
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

test('with --services, the command prints the endpoints of the function, and serves there', async () => {
  const args = [MAIN, '--port', '0', '--services', 'dataproc,bigquery.googleapis.com'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [text] = await once(child.stdout, 'data');
    const [, endpoints = ''] = /"endpoints": (\{.*\})\. gcloud/s.exec(String(text)) ?? [];
    const { privateca, services } = JSON.parse(endpoints);
    assert.match(privateca, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(Object.keys(services), ['dataproc.googleapis.com', 'bigquery.googleapis.com']);
    for (const path of ['/v1/projects/p/regions/r/jobs', '/bigquery/v2/projects/p/jobs']) {
      const service = path.startsWith('/v1') ? 'dataproc' : 'bigquery';
      const url = services[`${service}.googleapis.com`] + path;
      const signal = AbortSignal.timeout(5_000);
      const headers = { authorization: 'Bearer any' };
      assert.equal((await fetch(url, { headers, signal })).status, 200);
      assert.equal((await fetch(url, { signal })).status, 401);
    }
  } finally {
    child.kill('SIGKILL');
  }
});

test('under npm, it does not outlive the shell that npm started it in', async () => {
  const shell = spawn('sh', ['-c', '"$0" "$@"; true', process.execPath, MAIN, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: 'emulator' },
    detached: true,
  });
  try {
    await once(shell.stdout, 'data');
    const ended = once(shell.stdout, 'close', { signal: AbortSignal.timeout(5_000) });
    shell.kill('SIGTERM');
    await ended;
  } catch (error) {
    process.kill(-(shell.pid ?? 0), 'SIGKILL');
    throw error;
  }
});

test('bad flags are named, with the usage, and end with a non-zero code', async () => {
  const cases: [string[], RegExp][] = [
    [['--port', 'http'], /--port: not a port: http\n/],
    [['--port', '65536'], /--port: not a port/],
    [['--duration', '30'], /--duration: not a duration: 30\n/],
    [['--services', 'dataproc,nosuch'], /no such service: nosuch; there are .*dataproc/],
    [['--colour'], /--colour/],
    [['9100'], /9100/],
  ];
  const results = await Promise.all(cases.map(([args]) => run(...args)));
  for (const [i, { code, stdout, stderr }] of results.entries()) {
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, cases[i]?.[1] ?? /never/);
    assert.match(stderr, /Usage: npm run emulator/);
    assert.doesNotMatch(stderr, / at /);
  }
});

test('a taken port is a clear error, and --help is not an error', async () => {
  await using emulator = await startEmulator();
  const taken = await run('--port', String(emulator.port));
  assert.deepEqual([taken.code, /EADDRINUSE/.test(taken.stderr)], [2, true]);
  const help = await run('--help');
  assert.deepEqual([help.code, /^Usage/.test(help.stdout)], [0, true]);
});

test('durations: a number with ms, s, m, h or d', () => {
  const durations = { '250ms': 250, '0s': 0, '30s': 30_000, '1.5m': 90_000, '2h': 7_200_000 };
  for (const [text, milliseconds] of Object.entries(durations)) {
    assert.equal(parseDuration(text), milliseconds, text);
  }
  assert.equal(parseDuration('1d'), 86_400_000);
  for (const text of ['', '30', 's', '-1s', '1 s', '1e3s', '1w', '1s ', '1toString']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
