/** The messages of the protocol, each on its own: https://modelcontextprotocol.io/specification/2026-07-28 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage } from '../../../src/callers/mcp/protocol.ts';
import { headersOf, message, toolCall } from '../../../src/cli/send/senders/mcp.ts';

const VERSION = '2026-07-28';
const META = 'io.modelcontextprotocol/';

// biome-ignore lint/suspicious/noExplicitAny: messages of many shapes.
type Json = any;

/** The answer to a body, and what of its request the log will have. */
function answerTo(body: unknown, headers: Record<string, string> = {}): Json {
  const read = parseMessage(body, headers);
  if (read.kind === 'call') return read;
  const { status, body: text } = read.response;
  return { kind: read.kind, status, ...(text === '' ? {} : JSON.parse(text)) };
}

/** A sound request of 2026-07-28, changed. */
function modern(method: string, change: (sent: Json) => void = () => {}, params = {}): Json {
  const text = message(method, params);
  const sent = { body: JSON.parse(text), headers: { ...headersOf(text) } };
  change(sent);
  return answerTo(sent.body, sent.headers);
}

function handshake(method: string, params?: unknown, version: string | undefined = '2025-11-25') {
  const body = { jsonrpc: '2.0', id: 'a', method, ...(params !== undefined && { params }) };
  return answerTo(body, version === undefined ? {} : { 'mcp-protocol-version': version });
}

describe('what is no request', () => {
  for (const [what, body, code] of [
    ['nothing', null, -32600],
    ['a text', 'tools/list', -32600],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], -32600],
    ['an empty batch', [], -32600],
    ['another protocol', { jsonrpc: '1.0', id: 1, method: 'ping' }, -32600],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }, -32600],
    ['a method that is no text', { jsonrpc: '2.0', id: 1, method: {} }, -32600],
    ['a request without an id', { jsonrpc: '2.0', method: 'tools/call', params: {} }, -32600],
    ['an id that is null', { jsonrpc: '2.0', id: null, method: 'ping' }, -32600],
    ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'ping' }, -32600],
    ['an id that is half a number', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, -32600],
    ['an id that no number holds', { jsonrpc: '2.0', id: 1e300, method: 'ping' }, -32600],
    ['an id of 257 characters', { jsonrpc: '2.0', id: 'x'.repeat(257), method: 'ping' }, -32600],
    ['params in a list', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, -32602],
    ['params that are null', { jsonrpc: '2.0', id: 1, method: 'ping', params: null }, -32602],
  ] as const) {
    test(`is refused with 400 and ${code}: ${what}`, () => {
      const { kind, status, error } = answerTo(body);
      assert.deepEqual([kind, status, error.code], ['error', 400, code]);
    });
  }

  test('has its id returned where that can be read', () => {
    assert.equal(answerTo({ jsonrpc: '2.0', id: 7, result: {} }).id, 7);
    assert.ok(!('id' in answerTo({ jsonrpc: '2.0', id: {}, method: 'ping' })));
  });
});

describe('a notification', () => {
  test('is acknowledged with an empty 202, whatever it says', () => {
    const method = 'notifications/initialized';
    for (const params of [undefined, {}, { name: 'cancel_operation' }]) {
      const body = { jsonrpc: '2.0', method, ...(params && { params }) };
      assert.deepEqual(answerTo(body), { kind: 'reply', status: 202 });
    }
  });
});

describe('revision 2026-07-28', () => {
  test('is discovered, with hints for caching', () => {
    const { status, result } = modern('server/discover');
    const { resultType, supportedVersions, capabilities, ttlMs, cacheScope, _meta } = result;
    assert.deepEqual([status, resultType, supportedVersions], [200, 'complete', [VERSION]]);
    assert.deepEqual([capabilities, cacheScope], [{ tools: {} }, 'public']);
    assert.ok(Number.isInteger(ttlMs) && ttlMs > 0);
    assert.equal(_meta[`${META}serverInfo`].name, 'cancel-hook');
  });

  test('lists its tools in one page, in the same order each time', () => {
    const { result } = modern('tools/list');
    assert.deepEqual(Object.keys(result).toSorted(), [
      ...['_meta', 'cacheScope', 'resultType', 'tools', 'ttlMs'],
    ]);
    assert.deepEqual(modern('tools/list').result.tools, result.tools);
    assert.equal(modern('tools/list', undefined, { cursor: 'next' }).error.code, -32602);
  });

  test('needs neither the name of the client nor its log level', () => {
    const { status } = modern('server/discover', ({ body }) => {
      delete body.params._meta[`${META}clientInfo`];
    });
    assert.equal(status, 200);
  });

  for (const [what, change, code] of [
    ['no _meta', ({ body }: Json) => delete body.params._meta, -32602],
    [
      'no version in _meta',
      ({ body }: Json) => delete body.params._meta[`${META}protocolVersion`],
      -32602,
    ],
    [
      'no capabilities in _meta',
      ({ body }: Json) => delete body.params._meta[`${META}clientCapabilities`],
      -32602,
    ],
    [
      'a version that is no text',
      ({ body }: Json) => {
        body.params._meta[`${META}protocolVersion`] = 2026;
      },
      -32602,
    ],
    [
      'another version in the header',
      ({ headers }: Json) => {
        headers['mcp-protocol-version'] = '2025-11-25';
      },
      -32020,
    ],
    [
      'no header with the version',
      ({ headers }: Json) => delete headers['mcp-protocol-version'],
      -32020,
    ],
    ['no header with the method', ({ headers }: Json) => delete headers['mcp-method'], -32020],
    [
      'another method in the header',
      ({ headers }: Json) => {
        headers['mcp-method'] = 'TOOLS/LIST';
      },
      -32020,
    ],
  ] as const) {
    test(`refuses with 400 and ${code}: ${what}`, () => {
      const { kind, status, id, error } = modern('tools/list', change);
      assert.deepEqual([kind, status, id, error.code], ['error', 400, 1, code]);
    });
  }

  test('refuses a call whose header names no tool or another one', () => {
    const text = toolCall('explain', { name: 'n' });
    const headers = headersOf(text);
    const { 'mcp-name': _, ...without } = headers;
    for (const sent of [without, { ...headers, 'mcp-name': 'cancel_operation' }]) {
      assert.equal(answerTo(JSON.parse(text), sent).error.code, -32020);
    }
    assert.equal(answerTo(JSON.parse(text), headers).kind, 'call');
  });

  test('decodes a name in the header that is sent in Base64', () => {
    const text = toolCall('explain', { name: 'n' });
    const encoded = `=?base64?${Buffer.from('explain').toString('base64')}?=`;
    const headers = { ...headersOf(text), 'mcp-name': encoded };
    assert.equal(answerTo(JSON.parse(text), headers).kind, 'call');
  });

  test('refuses an unknown version with 400 and what it supports', () => {
    for (const change of [
      ({ body, headers }: Json) => {
        body.params._meta[`${META}protocolVersion`] = '2027-01-01';
        headers['mcp-protocol-version'] = '2027-01-01';
      },
      ({ body, headers }: Json) => {
        delete body.params._meta[`${META}protocolVersion`];
        headers['mcp-protocol-version'] = '2027-01-01';
      },
    ]) {
      const { status, error } = modern('server/discover', change);
      assert.deepEqual([status, error.code], [400, -32022]);
      assert.deepEqual(error.data, { supported: [VERSION], requested: '2027-01-01' });
    }
  });

  for (const method of ['initialize', 'ping', 'prompts/list', 'subscriptions/listen', 'toString']) {
    test(`answers ${method} with 404`, () => {
      const { status, id, error } = modern(method);
      assert.deepEqual([status, id, error.code], [404, 1, -32601]);
    });
  }
});

describe('the revisions with a handshake', () => {
  for (const [asked, answered] of [
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2025-03-26', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    ['toString', '2025-11-25'],
  ]) {
    test(`initialize of ${asked} is answered with ${answered}, and no session`, () => {
      const { status, id, result } = handshake('initialize', { protocolVersion: asked }, undefined);
      assert.deepEqual([status, id, result.protocolVersion], [200, 'a', answered]);
      assert.deepEqual(Object.keys(result).toSorted(), [
        ...['capabilities', 'instructions', 'protocolVersion', 'serverInfo'],
      ]);
    });
  }

  test('a request is answered without a handshake before it', () => {
    for (const version of ['2025-06-18', '2025-11-25', '2025-03-26', undefined]) {
      assert.deepEqual(handshake('ping', undefined, version).result, {});
      const { result } = handshake('tools/list', {}, version);
      assert.deepEqual(Object.keys(result), ['tools']);
    }
  });

  for (const [what, method, params, code] of [
    ['an unknown method', 'resources/list', {}, -32601],
    ['an unknown tool', 'tools/call', { name: 'toString', arguments: {} }, -32602],
    ['a tool that is no text', 'tools/call', { name: ['explain'] }, -32602],
    ['arguments in a list', 'tools/call', { name: 'explain', arguments: [] }, -32602],
    ['a cursor', 'tools/list', { cursor: '' }, -32602],
    ['a handshake without a version', 'initialize', {}, -32602],
  ] as const) {
    test(`${what} is ${code} in a 200, where these clients look for it`, () => {
      const { kind, status, id, error } = handshake(method, params);
      assert.deepEqual([kind, status, id, error.code], ['error', 200, 'a', code]);
    });
  }
});

describe('what a client calls itself', () => {
  const named = (name: unknown, version?: unknown) => {
    const sent = { body: JSON.parse(toolCall('explain', {})), headers: {} as Json };
    sent.body.params._meta[`${META}clientInfo`] = { name, version };
    sent.headers = headersOf(JSON.stringify(sent.body));
    return answerTo(sent.body, sent.headers).agent;
  };

  test('is taken from each request, and bounded', () => {
    assert.deepEqual(named('bot', '1.2'), { name: 'bot', version: '1.2' });
    assert.deepEqual(named('bot', 3), { name: 'bot' });
    assert.equal(named({}, '1'), undefined);
    assert.deepEqual(named('x'.repeat(999), 'y'.repeat(999)), {
      name: 'x'.repeat(64),
      version: 'y'.repeat(64),
    });
  });

  test('is taken from the user agent where only the handshake had it', () => {
    const params = { name: 'explain', arguments: {} };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const agentOf = (header: string) => answerTo(body, { 'user-agent': header }).agent;
    assert.deepEqual(agentOf('claude-code/2.1 (cli)'), { name: 'claude-code', version: '2.1' });
    assert.deepEqual(agentOf('node'), { name: 'node' });
    assert.equal(answerTo(body).agent, undefined);
    for (const text of ['bot/=secret', '"bot"', '/1']) assert.equal(agentOf(text), undefined);
  });
});
