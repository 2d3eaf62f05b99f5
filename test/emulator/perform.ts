import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
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
  const { delay, hang, reset, oversized } = behaviour;
  if (typeof delay === 'number') await sleep(delay, undefined, { signal });
  else if (delay) await delay;
  const answer = instead(behaviour, request);
  const carriedOut = behaviour.effect || !answer ? usual() : undefined;
  if (hang === 'before' || carriedOut === 'hang') return;
  if (reset === 'before') {
    response.destroy();
  } else if (oversized !== undefined) {
    await sendOversized(response, behaviour.status ?? 200, oversized);
  } else if (hang === 'middle' || reset === 'middle') {
    await sendHalf(response, answer ?? carriedOut ?? json({}));
    if (reset) response.destroy();
  } else {
    send(response, answer ?? carriedOut ?? json({}));
  }
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The answer that the behaviour puts in the place of the usual one; `undefined` keeps the usual. */
function instead(behaviour: Behaviour, request: RecordedRequest): Answer | undefined {
  const { headers, raw, redirect } = behaviour;
  if (redirect !== undefined) return { status: 307, headers: { location: redirect }, body: '' };
  if (behaviour.echo) {
    const status = behaviour.status ?? 400;
    const message = `Refused: ${JSON.stringify(request.headers)}`;
    return json(errorBody(status, statusNameOf(status), message), status, headers);
  }
  if (behaviour.malformed) {
    return {
      ...json({}, behaviour.status ?? 200, headers),
      body: '{"name": "projects/p',
    };
  }
  if (raw !== undefined)
    return {
      status: behaviour.status ?? 200,
      headers: headers ?? {},
      body: raw,
    };
  if (behaviour.json !== undefined) return json(behaviour.json, behaviour.status ?? 200, headers);
  if (behaviour.status === undefined) {
    return behaviour.hang === 'before' || behaviour.reset === 'before' || behaviour.oversized
      ? json({})
      : undefined;
  }
  const { status } = behaviour;
  const body = status < 400 ? {} : errorBody(status, statusNameOf(status), `Scripted ${status}.`);
  return json(body, status, headers);
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

async function sendOversized(
  response: ServerResponse,
  status: number,
  size: number,
): Promise<void> {
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
  });
  response.write('{"name":"');
  for (let sent = 0; sent < size && !response.destroyed; sent += FILLER.length) {
    if (response.write(FILLER)) continue;
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end('"}');
}
