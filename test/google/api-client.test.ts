import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { StatusError } from '../../src/errors.ts';
import type { TokenSource } from '../../src/google/access-token.ts';
import { createApiClient } from '../../src/google/api-client.ts';
import { createHttpClient } from '../../src/google/http-client.ts';

const TOKENS: TokenSource = {
  get: async () => 'token',
  prefetch() {},
  invalidate() {},
  abort() {},
};

/** A server on loopback, and its port. */
async function listen(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    host: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const answerWith = (response: string) => (socket: Socket) => {
  socket.on('data', () => socket.write(`HTTP/1.1 ${response}\r\ncontent-length: 2\r\n\r\n{}`));
};

interface Attempt {
  readonly onConnection?: (socket: Socket) => void;
  /** Default: of that server. */
  readonly origin?: string;
  readonly protocol?: 'http' | 'https';
  readonly tokens?: TokenSource;
  /** Milliseconds from now. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** Sends a cancel that fails. @returns the reason, and whether the error says that it was not sent */
async function fail({ onConnection = () => {}, protocol = 'http', ...options }: Attempt) {
  await using server = await listen(onConnection);
  const { request, abort } = createHttpClient();
  const api = createApiClient({
    origin: new URL(options.origin ?? `${protocol}://${server.host}`),
    request,
    tokens: options.tokens ?? TOKENS,
    clock: systemClock,
    userAgent: 'test',
  });
  const call = {
    deadline: Date.now() + (options.deadline ?? 1_500),
    reason: '',
    stats: {},
    ...(options.signal ? { signal: options.signal } : {}),
  };
  try {
    await api({ method: 'POST', path: '/v1/projects/p/locations/l/operations/o:cancel' }, call);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return { reason: error.reason, sent: error.sent };
  } finally {
    abort();
  }
  return assert.fail('the cancel succeeded');
}

describe('the error of a call says that nothing was sent, where that is certain:', () => {
  const certain: [string, string, Attempt][] = [
    [
      'no access token is available',
      'CREDENTIALS_UNAVAILABLE',
      {
        tokens: {
          ...TOKENS,
          get: async () => {
            throw StatusError.create('CREDENTIALS_UNAVAILABLE', 'No token.');
          },
        },
      },
    ],
    ['the deadline is over before it', 'UPSTREAM_DEADLINE_EXCEEDED', { deadline: -1 }],
    [
      'the client disconnected before it',
      'UPSTREAM_DEADLINE_EXCEEDED',
      { signal: AbortSignal.abort() },
    ],
    [
      'the connection is refused',
      'UPSTREAM_UNAVAILABLE',
      { origin: 'http://127.0.0.1:1', deadline: 9_000 },
    ],
    ['the TLS handshake hangs', 'UPSTREAM_DEADLINE_EXCEEDED', { protocol: 'https' }],
    [
      'the TLS handshake fails',
      'UPSTREAM_UNAVAILABLE',
      { protocol: 'https', onConnection: (socket) => socket.end('no TLS') },
    ],
    [
      'upstream refuses the access token',
      'CREDENTIALS_UNAVAILABLE',
      { onConnection: answerWith('401 Unauthorized') },
    ],
  ];
  for (const [what, reason, attempt] of certain) {
    test(what, async () => assert.deepEqual(await fail(attempt), { reason, sent: false }));
  }
});

describe('the error of a call says nothing about that, where it may have taken effect:', () => {
  const uncertain: [string, string, Attempt][] = [
    ['upstream does not answer', 'UPSTREAM_DEADLINE_EXCEEDED', {}],
    [
      'upstream closes the connection after the request',
      'UPSTREAM_UNAVAILABLE',
      { onConnection: (socket) => socket.on('data', () => socket.destroy()) },
    ],
    [
      'upstream answers with an error',
      'UPSTREAM_UNAVAILABLE',
      { onConnection: answerWith('503 Service Unavailable') },
    ],
  ];
  for (const [what, reason, attempt] of uncertain) {
    test(what, async () => assert.deepEqual(await fail(attempt), { reason, sent: undefined }));
  }

  test('only the last of the attempts was not sent', async () => {
    let connections = 0;
    const onConnection = (socket: Socket) => {
      connections += 1;
      socket.on('data', () => socket.destroy());
    };
    let gets = 0;
    const tokens = {
      ...TOKENS,
      get: async () => {
        gets += 1;
        if (gets === 1) return 'token';
        throw StatusError.create('CREDENTIALS_UNAVAILABLE', 'No token.');
      },
    };
    const result = await fail({ onConnection, tokens, deadline: 3_000 });
    assert.deepEqual(result, { reason: 'CREDENTIALS_UNAVAILABLE', sent: undefined });
    assert.equal(connections, 1);
  });
});
