/** What every answer, every log line and every call upstream keeps to, whatever was asked. */

import assert from 'node:assert/strict';
import { ERRORS } from '../support/error-form.ts';
import { mayCancel, mayRead, maySweep, RESTRICTED_ROUTES, type Requester } from './allowlist.ts';
import { CLOUDTASKS, type FuzzRequest, type FuzzResult, PRIVATECA, QUEUE, SLACK } from './app.ts';
import { mentions } from './mentions.ts';
import { CANARY } from './texts.ts';
import { ACCESS_TOKEN, type UpstreamCall } from './upstream.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes.
type Json = any;

const MAX_BYTES = 65_536;

/** One answer, one line, in their forms. @returns the log line */
export function assertForm(result: FuzzResult): Json {
  assert.equal(result.answers, 1, 'one answer');
  assert.ok(result.status >= 200 && result.status < 500, `${result.status} ${result.text}`);
  assert.ok(Buffer.byteLength(result.text) <= MAX_BYTES, `${result.text.length} characters`);
  assert.equal(result.headers['content-length'], String(Buffer.byteLength(result.text)));
  assert.equal(result.headers['x-content-type-options'], 'nosniff');
  for (const value of Object.values(result.headers)) assert.match(value, /^[\x20-\x7e]*$/);
  const answer = result.text === '' ? undefined : JSON.parse(result.text);
  // Only a notification of an agent's client gets a 202.
  if (answer === undefined) assert.ok(result.status === 200 || result.status === 202);
  else assert.match(result.headers['content-type'] ?? '', /^application\/json(;|$)/);
  for (const error of errorsIn(answer)) assertDeclared(error);
  if (answer?.error && !answer.done && !answer.jsonrpc && result.status !== 200)
    assert.equal(answer.error.code, result.status);
  if (result.status >= 400) assert.ok(errorsIn(answer).length > 0, result.text);

  assert.equal(result.lines.length, 1, `one line: ${result.lines.join('')}`);
  const [line = ''] = result.lines;
  assert.match(line, /^\{[^\n\r\u2028\u2029]*\}\n$/);
  const entry = JSON.parse(line);
  assert.ok(['INFO', 'WARNING', 'ERROR'].includes(entry.severity), line);
  assert.ok(typeof entry.message === 'string' && entry.message !== '');
  assert.equal(entry.httpRequest.status, result.status);
  assert.equal(entry.cause, undefined, 'nothing unexpected was thrown');
  return entry;
}

/** The error of an answer, and those of its items. */
function errorsIn(answer: Json): Json[] {
  if (answer?.jsonrpc !== undefined) return errorsInMessage(answer);
  const items = Array.isArray(answer?.operations) ? answer.operations : [];
  // An operation that ended with an error is no error of the answer.
  const whole = answer?.done === true ? [] : [answer];
  return [...whole, ...items].map((one) => one?.error).filter((error) => error !== undefined);
}

/** A fault of the protocol has a code of its own; the errors of tools are those of the table. */
function errorsInMessage({ jsonrpc, error, result }: Json): Json[] {
  assert.equal(jsonrpc, '2.0');
  if (error === undefined) {
    const shown = result.structuredContent?.error;
    assert.equal(result.isError === true, shown !== undefined);
    return shown === undefined ? [] : [shown];
  }
  assert.ok(JSON_RPC_CODES.includes(error.code) && typeof error.message === 'string');
  return [{ code: 400, status: 'INVALID_ARGUMENT', details: [ANY_FAULT] }];
}

/** The last two: a header that differs from the body, a version that is not supported. */
const JSON_RPC_CODES = [-32700, -32600, -32601, -32602, -32020, -32022];
const ANY_FAULT = { reason: 'INVALID_REQUEST', domain: 'cancel-hook', metadata: {} };

/** One of the contract's table, or upstream's own. */
function assertDeclared(error: Json): void {
  const info = error.details?.[0];
  if (info === undefined) {
    assert.ok(['NOT_FOUND', 'FAILED_PRECONDITION'].includes(error.status), JSON.stringify(error));
    return;
  }
  const row = ERRORS[info.reason as keyof typeof ERRORS];
  assert.ok(row && row[0] < 500, JSON.stringify(error));
  assert.deepEqual([error.code, error.status], row);
  assert.equal(info.domain, 'cancel-hook');
  for (const value of Object.values(info.metadata)) assert.equal(typeof value, 'string');
}

/** No credential is ever repeated, nor what a sender wrote into a log line. */
export function assertNoLeak(
  asked: FuzzRequest,
  result: FuzzResult,
  secrets: readonly string[],
): void {
  const query = asked.target.split('?').slice(1).join('?');
  const credentials = ['authorization', 'x-serverless-authorization', 'x-slack-signature'];
  const signatures = ['webhook-signature', 'x-pagerduty-signature', 'x-grafana-alerting-signature'];
  const given = [...credentials, ...signatures, 'x-signature', 'cookie']
    .flatMap((name) => (asked.headers[name] ?? '').split(/[ ,=]/))
    .concat(query.split(/[&=]/));
  const all = [...secrets, ...given, ACCESS_TOKEN].filter((secret) => secret.length > 12);
  const outputs = [result.text, ...result.lines, JSON.stringify(result.headers)].join('\n');
  for (const secret of all) assert.ok(!outputs.includes(secret), `repeats ${secret}`);
  const isChat = /^\/(slack|google-chat)/.test(asked.target);
  // What an alert names wrongly is result back in its item, for people to find; a chat quotes its user.
  if (!isChat && result.text.startsWith('{"error"')) {
    assert.ok(!result.text.includes(CANARY), 'the answer repeats what was sent');
  }
  // An alert's name and id, and what an agent calls itself, are in the log, as data.
  const { reason: _, alert: __, agent: ___, ...entry } = JSON.parse(result.lines[0] ?? '{}');
  assert.ok(!JSON.stringify(entry).includes(CANARY), 'the log repeats what was sent');
}

/** Who sent it learns nothing but that, and nothing is asked of anyone on their behalf. */
export function assertRefused(result: FuzzResult): void {
  assert.deepEqual(result.calls, []);
  assert.equal(result.status, 401, result.text);
  assert.equal(
    result.text,
    '{"error":{"code":401,"message":"Missing or invalid credentials.","status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"UNAUTHENTICATED","domain":"cancel-hook","metadata":{}}]}}',
  );
}

const NAME = /^\/v1\/(.+\/operations\/[^:?]+)$/;

/** Nothing is asked of anyone that the allowlist does not give, nor twice, nor unasked. */
export function assertAllowed(
  requester: Requester,
  asked: FuzzRequest,
  calls: readonly UpstreamCall[],
): number {
  const cancels = new Set<string>();
  const swept = /"parent"|\\u00/.test(asked.body.toString('latin1'));
  for (const call of calls) {
    const { origin, method, path, headers } = call;
    for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]*$/);
    const [, name = ''] = NAME.exec(path.replace(/:cancel$/, '')) ?? [];
    if (origin === SLACK) {
      assert.equal(method, 'POST');
      assert.equal(headers.Authorization, undefined, 'no token leaves but for Google');
    } else if (origin === PRIVATECA && method === 'POST' && path.endsWith(':cancel')) {
      const named = mentions(asked.body, name, /^(slack|google-chat)/.test(requester.route));
      const given = named ? mayCancel(requester, name) : maySweep(requester, name);
      assert.ok(given, `${requester.route} cancels ${name}`);
      assert.ok(!cancels.has(name), `${name} twice`);
      cancels.add(name);
    } else if (origin === PRIVATECA && method === 'GET' && name !== '') {
      assert.ok(mayRead(requester, name), `${requester.route} reads ${name}`);
    } else if (origin === PRIVATECA && method === 'GET' && /\/operations\?/.test(path)) {
      const powerless = (RESTRICTED_ROUTES as readonly string[]).includes(requester.route);
      assert.ok(!powerless || requester.identities.length > 0, `${requester.route} lists ${path}`);
    } else if (origin === CLOUDTASKS && path === `/v2/${QUEUE}/tasks`) {
      const { httpRequest } = JSON.parse(call.body ?? '').task;
      const errand = JSON.parse(Buffer.from(httpRequest.body, 'base64').toString());
      assert.ok(
        swept && maySweep(requester, errand.name),
        `${requester.route} queues ${errand.name}`,
      );
    } else assert.fail(`${method} ${origin}${path}`);
  }
  return cancels.size;
}
