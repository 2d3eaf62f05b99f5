/**
 * What was once wrong in the packages and the Node that the function stands on, tried on the function
 * itself: a regression there, or a way around the hook's own reading, must not become one here.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from './support/error-form.ts';
import { root } from './support/function.ts';
import { SLACK_SECRET, slackHeaders } from './support/slack.ts';
import { sendRaw } from './support/socket.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from './support/test-app.ts';

const NAME = `${OPERATIONS}/operation-1`;
/** Far above what an honest answer takes, far below what the attacks are for. */
const SPARED_MS = 2_000;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { SLACK_SECRET },
    config: {
      callers: {
        ops: OPS_CALLER,
        slack: { type: 'slack', signingSecret: 'env:SLACK_SECRET' },
        monitoring: { type: 'cloud-monitoring', wait: '0s', auth: { token: 'env:OPS_TOKEN' } },
      },
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

/** Runs it, and sees that the function was not busy with it for long and serves on. */
async function quickly<T>(run: () => PromiseLike<T>): Promise<T> {
  const started = performance.now();
  const answer = await run();
  assert.ok(performance.now() - started < SPARED_MS, `${performance.now() - started} ms`);
  await app.process.http.get('/').expect(200);
  return answer;
}

function assertNothingLeft(): void {
  assert.deepEqual(getCancelRequests(app.emulator), []);
}

/** Fixed in these releases; from these on the attacks below are held against them. */
const FIXED: readonly (readonly [name: string, version: string, advisories: string])[] = [
  ['body-parser', '2.3.0', 'GHSA-qwcr-r2fm-qrc7 GHSA-wqch-xfxh-vrr4 GHSA-v422-hmwv-36x6'],
  [
    'qs',
    '6.16.0',
    'GHSA-hrpp-h998-j3pp GHSA-6rw7-vpxm-498p GHSA-w7fw-mjwx-w883 GHSA-x5fp-wj9c-mxmx GHSA-4mjr-xmp4-gh2g',
  ],
  [
    'path-to-regexp',
    '8.4.0',
    'GHSA-9wv6-86v2-598j GHSA-rhx6-c78j-4q9w GHSA-j3q9-mxjg-w52f GHSA-27v5-c462-wpq7 GHSA-37ch-88jc-xwx2',
  ],
  ['express', '5.0.0', 'CVE-2024-43796 CVE-2024-29041'],
  ['send', '0.19.0', 'CVE-2024-43799'],
  ['serve-static', '2.1.0', 'GHSA-cm22-4g7w-348p'],
  ['cookie', '0.7.0', 'CVE-2024-47764'],
  ['ajv', '8.18.0', 'GHSA-v88g-cgmw-v5xw GHSA-2g4f-4pwh-qvx6'],
  [
    'fast-uri',
    '3.1.7',
    'GHSA-q3j6-qgpj-74h6 GHSA-v39h-62p7-jpjc GHSA-v2hh-gcrm-f6hx CVE-2026-84394',
  ],
  ['jws', '4.0.1', 'GHSA-869p-cjfg-cm3x'],
  ['node', '24.14.1', 'CVE-2026-21710'],
];

describe('the release that mended it is locked', () => {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
  const number = (version: string) =>
    version.split('.').reduce((sum, part) => sum * 10_000 + Number.parseInt(part, 10), 0);
  for (const [name, version, advisories] of FIXED) {
    test(`${name} ${version}: ${advisories}`, () => {
      const copies = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`));
      assert.ok(copies.length > 0, `${name} is not used any more`);
      for (const copy of copies) assert.ok(number(packages[copy].version) >= number(version), copy);
    });
  }
});

describe('forms, signed and not (body-parser, qs)', () => {
  const forms: Record<string, string> = {
    'a million parameters': 'a&'.repeat(500_000),
    'a hundred thousand empty values': 'a[]=&'.repeat(100_000),
    'one value of commas': `a=${','.repeat(900_000)}`,
    'nested as deep as it goes': `a${'[b]'.repeat(200_000)}=c`,
    'signs that are encoded': '%5B%5D='.repeat(100_000),
    'an index beyond all': 'a[4294967294]=b&a[length]=4294967295',
    'a prototype for an array': 'a[__proto__]=b&a[__proto__]&a[length]=100000000',
    'a buffer that is none': 'a[constructor][isBuffer]=x&a[b]=c',
  };
  for (const [what, body] of Object.entries(forms)) {
    test(what, async () => {
      const unsigned = await quickly(() =>
        app.process.http.post('/slack').type('application/x-www-form-urlencoded').send(body),
      );
      assertError(unsigned, 'UNAUTHENTICATED');
      const signed = await quickly(() =>
        app.process.http.post('/slack').set(slackHeaders(body)).send(body),
      );
      assert.equal(signed.status, 200, 'words that say no');
      assertNothingLeft();
    });
  }
});

describe('queries (qs, express)', () => {
  const queries: Record<string, string> = {
    'a prototype': 'a[__proto__]=b&a[__proto__]&a[length]=100000000',
    'a thousand brackets': `${'a[]=x&'.repeat(1_500)}b=c`,
    commas: `a=${','.repeat(10_000)}`,
    depth: `a${'[b]'.repeat(3_000)}=c`,
    'half an escape': 'auth_token=%E0%A4%A&auth_token=%',
    'a token as an array': `auth_token[]=${OPS_TOKEN}`,
    'a token as an object': `auth_token[toString]=${OPS_TOKEN}`,
    'a token after another': `auth_token=x&auth_token=${OPS_TOKEN}`,
    'a token before another': `auth_token=${OPS_TOKEN}&auth_token=x`,
  };
  for (const [what, query] of Object.entries(queries)) {
    test(what, async () => {
      const answer = await quickly(() => app.process.http.post(`/monitoring?${query}`).send({}));
      assertError(answer, 'UNAUTHENTICATED');
      assertNothingLeft();
    });
  }
});

describe('paths (path-to-regexp, express, send, serve-static)', () => {
  const paths: Record<string, string> = {
    'a dash after a dash': `/${'a-'.repeat(6_000)}`,
    'a star after a star': `/${'*'.repeat(12_000)}`,
    'braces after braces': `/${'%7Ba%7D'.repeat(1_500)}`,
    'parameters after parameters': `/${':a-:b'.repeat(2_000)}x`,
    'slashes and a host': '//evil.example/%2e%2e',
    'a backslash and a host': '/\\evil.example',
    'an escaped newline': '/%0d%0aLocation:%20https://evil.example',
    'a file above': '/..%2f..%2fpackage.json',
    'a file of the project': '/package.json',
    markup: '/<script>alert(1)</script>',
  };
  for (const [what, path] of Object.entries(paths)) {
    test(`${what}: answered at once, sent nowhere, and not repeated`, async () => {
      const bytes = `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
      const raw = await quickly(() => sendRaw(app.process.url, bytes));
      assert.match(raw, /^HTTP\/1\.1 404 /);
      assert.doesNotMatch(raw, /^location:/im);
      assert.doesNotMatch(raw, /evil|script|"dependencies"/);
    });
  }
});

describe('headers (cookie, Node)', () => {
  const headers: Record<string, string> = {
    'named __proto__': '__proto__: x',
    'named constructor': 'constructor: x',
    'a cookie that is none': 'Cookie: __proto__=x; a="; HttpOnly\\; b=%',
    'a quality for each of many': `Accept: ${'a/b;q=0.1,'.repeat(1_000)}`,
    'forwarded by many': `X-Forwarded-For: ${'1.1.1.1,'.repeat(1_500)}`,
    'a trace context of another kind': `X-Cloud-Trace-Context: ${'0'.repeat(10_000)}`,
    'a method for another': 'X-HTTP-Method-Override: GET',
    'a path for another': 'X-Original-URL: /monitoring',
  };
  for (const [what, header] of Object.entries(headers)) {
    test(what, async () => {
      const name = app.createOperation();
      const body = JSON.stringify({ name });
      const raw = await quickly(() =>
        sendRaw(
          app.process.url,
          `POST /ops HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${header}\r\nAuthorization: Bearer ${OPS_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      assert.match(raw, /^HTTP\/1\.1 200 /, 'nothing but noise');
      assert.equal(getCancelRequests(app.emulator).length, 1);
    });
  }

  test('10,000 of them are refused, and read by nobody', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `h${index}: x\r\n`).join('');
    const raw = await quickly(() =>
      sendRaw(app.process.url, `GET / HTTP/1.1\r\nHost: h\r\n${many}\r\n`),
    );
    assert.match(raw, /^HTTP\/1\.1 400 /);
  });
});

describe('JSON (ajv, body-parser)', () => {
  const bodies: Record<string, string> = {
    'a $data reference in a field': '{"name": {"$data": "1/reason"}, "reason": "x"}',
    'a $ref in a field': '{"name": {"$ref": "http://127.0.0.1:1/schema"}}',
    'a $schema of its own': `{"name": "${NAME}", "$schema": "http://127.0.0.1:1/schema"}`,
    'a pattern in a pattern’s place': '{"name": "^(a|a)*$", "pattern": "^(a|a)*$"}',
    'a name that makes patterns sweat': `{"name": "projects/${'a.'.repeat(100_000)}!"}`,
    'a duration that makes patterns sweat': `{"name": "${NAME}", "wait": "${'1'.repeat(100_000)}.s"}`,
    'a prototype with a setting': `{"name": "${NAME}", "__proto__": {"validateOnly": true}}`,
    'a prototype of a prototype': `{"name": "${NAME}", "constructor": {"prototype": {"wait": "1s"}}}`,
    'fifty thousand unknown keys': `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":0`)}}`,
    'the same key a hundred thousand times': `{${'"name":1,'.repeat(100_000)}"name":2}`,
    'arrays, 200,000 deep': `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    'objects, 100,000 deep': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    'a number too large for any': '{"name": 1e999999}',
  };
  for (const [what, body] of Object.entries(bodies)) {
    test(`${what} is refused, and changes nothing for the next`, async () => {
      const answer = await quickly(() =>
        app.process.http
          .post('/ops')
          .set({ Authorization: `Bearer ${OPS_TOKEN}`, 'Content-Type': 'application/json' })
          .send(body),
      );
      assert.equal(answer.status, 400, answer.text);
      assertNothingLeft();
      const next = await app.post({ name: app.createOperation() });
      assert.equal(next.headers['cancel-outcome'], 'CANCEL_REQUESTED');
    });
  }
});

test('neither what compiles schemas nor what reads forms is in the bundle', () => {
  const sources = ['function', 'google-auth-library'].flatMap(
    (name): string[] => JSON.parse(readFileSync(`${root}/dist/${name}.cjs.map`, 'utf8')).sources,
  );
  const has = (part: string) => sources.some((source) => source.includes(part));
  assert.ok(has('node_modules/google-auth-library/'), 'the map is read');
  for (const part of ['ajv/dist/core', 'ajv/dist/compile', 'fast-uri', 'node_modules/qs/', 'uuid'])
    assert.ok(!has(part), part);
});
