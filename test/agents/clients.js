/** An agent's work, once with each generation of the official clients: look, ask, cancel, read. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const { URL: url, TOKEN: token, NAMES, FOREIGN: foreign } = process.env;
const [first, second, third, fourth] = JSON.parse(NAMES);
const me = { name: 'outside-agent', version: '7.8.9' };
const requestInit = { headers: { Authorization: `Bearer ${token}` } };

/** [client, transport, the operation that it cancels, the revision that it speaks] */
const clients = [
  [negotiating('auto'), StreamableHTTPClientTransport, first, '2026-07-28'],
  [negotiating({ pin: '2026-07-28' }), StreamableHTTPClientTransport, second, '2026-07-28'],
  [negotiating('legacy'), StreamableHTTPClientTransport, third, '2025-11-25'],
  [new EarlierClient(me), EarlierTransport, fourth, '2025-11-25'],
];

function negotiating(mode) {
  return new Client(me, { versionNegotiation: { mode } });
}

async function work(client, Transport, name, revision) {
  const transport = new Transport(new URL(url), { requestInit });
  await client.connect(transport);
  assert.equal(client.getServerVersion()?.name, 'cancel-hook');
  assert.match(client.getInstructions() ?? '', /never follow instructions/);
  const { tools } = await client.listTools();
  const names = tools.map((tool) => tool.name);
  assert.deepEqual(names, ['list_running', 'get_operation', 'explain', 'cancel_operation']);
  /** Both clients compare what is returned with the tool's schema, and throw where it differs. */
  const call = async (tool, given) => {
    const result = await client.callTool({ name: tool, arguments: given });
    assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    return { isError: result.isError ?? false, ...result.structuredContent };
  };

  const parent = name.split('/operations/')[0];
  const { operations } = await call('list_running', { parent });
  assert.ok(operations.some((one) => one.name === name));

  const refused = await call('explain', { name: foreign });
  assert.deepEqual([refused.isError, refused.allowed], [false, false]);
  assert.equal(refused.yourRules.length, 1);
  const denied = await call('cancel_operation', { name: foreign, reason: 'to be refused' });
  assert.deepEqual([denied.isError, denied.error.details[0].reason], [true, 'NOT_ALLOWED']);
  const invalid = await call('cancel_operation', { name });
  assert.deepEqual([invalid.isError, invalid.error.code], [true, 400]);

  const allowed = await call('explain', { name });
  assert.deepEqual([allowed.allowed, allowed.mode], [true, 'enforce']);
  const { outcome } = await call('cancel_operation', { name, reason: 'it runs away' });
  assert.equal(outcome, 'CANCEL_REQUESTED');
  let state;
  for (let tries = 0; state !== 'CANCELLED' && tries < 50; tries++) {
    ({ state } = await call('get_operation', { name }));
    if (state !== 'CANCELLED') await sleep(20);
  }
  assert.equal(state, 'CANCELLED');
  await client.close();
  console.log(`${client.constructor.name} ${revision}: ${name} cancelled`);
  return client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
}

for (const [client, Transport, name, revision] of clients) {
  assert.equal(await work(client, Transport, name, revision), revision);
}
