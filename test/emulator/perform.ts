import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, json } from './exchange.ts';
import type { Behaviour } from './faults.ts';
import type { RecordedRequest } from './requests.ts';
import { errorBody, statusNameOf } from './status.ts';

const FILLER = 'x'.repeat(65_536);

/** Does to a request what the script says. `usual` carries the request out, at most once. */
export async function perform(
  behaviour: Behaviour,
  request: RecordedRequest,
  usual: () => Answer | 'hang',
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { delay, effect, hang, reset, oversized } = behaviour;
  if (typeof delay === 'number') await sleep(delay, undefined, { signal });
  else if (delay) await delay;
  const scripted = scriptedAnswer(behaviour, request);
  const lost = hang === 'before' || reset === 'before' || oversized !== undefined;
  const carriedOut = effect || (!scripted && !lost) ? usual() : undefined;
  if (hang === 'before' || carriedOut === 'hang') return;
  const answer = scripted ?? carriedOut ?? json({});
  if (reset === 'before') {
    response.destroy();
  } else if (oversized !== undefined) {
    await sendOversized(response, answer.status, oversized);
  } else if (hang === 'middle' || reset === 'middle') {
    await sendHalf(response, answer);
    if (reset) response.destroy();
  } else {
    send(response, answer);
  }
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** The answer that the script puts in the place of the usual one; `undefined` keeps the usual. */
function scriptedAnswer(behaviour: Behaviour, request: RecordedRequest): Answer | undefined {
  const { status, headers = {}, raw, redirect } = behaviour;
  if (redirect !== undefined) {
    return { status: status ?? 307, headers: { ...headers, location: redirect }, body: '' };
  }
  if (behaviour.echo) {
    return failure(status ?? 400, `Refused: ${JSON.stringify(request.headers)}`, headers);
  }
  if (behaviour.malformed) {
    return { ...json({}, status, headers), body: '{"name": "projects/p' };
  }
  if (raw !== undefined) return { status: status ?? 200, headers, body: raw };
  if (behaviour.json !== undefined) return json(behaviour.json, status, headers);
  if (status === undefined) return undefined;
  return status < 400 ? json({}, status, headers) : failure(status, `Scripted ${status}.`, headers);
}

function failure(status: number, message: string, headers: Record<string, string>): Answer {
  return json(errorBody(status, statusNameOf(status), message), status, headers);
}

async function sendHalf(
  response: ServerResponse,
  { status, headers, body }: Answer,
): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  await new Promise<void>((done) => {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => done());
  });
}

/** As fast as the client reads, and without a length that would warn it. */
async function sendOversized(response: ServerResponse, status: number, size: number) {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  await pipeline(oversizedBody(size), response);
}

function* oversizedBody(size: number): Generator<string> {
  yield '{"name":"';
  for (let sent = 0; sent < size; sent += FILLER.length) yield FILLER;
  yield '"}';
}
