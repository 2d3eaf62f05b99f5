/** Upstream, played: each operation's facts stand in its own name, and every call is written down. */

import type { HttpResponse, SendRequest } from '../../src/google/http-client.ts';

export const ACCESS_TOKEN = 'ya29.upstream-access-token-0123456789';

export interface UpstreamCall {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What is said of an operation, by its id alone. */
export function factsIn(name: string): { verb?: string; target?: string; done: boolean } {
  const id = name.split('/').at(-1) ?? '';
  const [, verb] = /-(create|delete)\b/.exec(id) ?? [];
  const [, pool] = /-(dev|prod)$/.exec(id) ?? [];
  const parent = name.split('/').slice(0, 4).join('/');
  return {
    ...(verb === undefined ? {} : { verb }),
    ...(pool === undefined ? {} : { target: `${parent}/caPools/${pool}-1` }),
    done: id.startsWith('done'),
  };
}

/** What every list holds, old enough for any sweep but those that ask for years. */
const LISTED = [
  ...['run-create-dev', 'run-create-prod', 'run-delete-dev', 'other-create-dev', 'done-create-dev'],
  ...['running', 'sweep-1-create-dev', 'sweep-2-delete-dev'],
] as const;
const CREATED = '2026-09-30T00:00:00Z';

export interface FakeUpstream {
  readonly send: SendRequest;
  readonly calls: UpstreamCall[];
  /** Forgets what was asked and what was cancelled. */
  reset(): void;
}

export function createFakeUpstream(): FakeUpstream {
  const calls: UpstreamCall[] = [];
  const cancelled = new Set<string>();

  function operation(name: string) {
    const { verb, target, done } = factsIn(name);
    const metadata = { createTime: CREATED, verb, target };
    if (cancelled.has(name))
      return { name, done: true, error: { code: 1, message: 'CANCELLED' }, metadata };
    return { name, done, ...(done ? { response: {} } : {}), metadata };
  }

  function answer(method: string, path: string): [status: number, json: unknown] {
    const [, name = '', verb] =
      /^\/v1\/([^?:]+(?::[^/?:]+[^?:]*)?\/operations\/[^?:]+?)(:cancel)?$/.exec(path) ?? [];
    if (name.endsWith('/missing')) return error(404, 'NOT_FOUND');
    if (method === 'POST' && verb) {
      if (factsIn(name).done) return error(400, 'FAILED_PRECONDITION');
      cancelled.add(name);
      return [200, {}];
    }
    if (method === 'GET' && name !== '' && !verb) return [200, operation(name)];
    const [, parent] =
      /^\/v1\/(projects\/[^/?]+\/locations\/[^/?]+)\/operations\?/.exec(path) ?? [];
    if (method === 'GET' && parent !== undefined) {
      const within = parent.replace(/\/-$/, '/l1');
      return [200, { operations: LISTED.map((id) => operation(`${within}/operations/${id}`)) }];
    }
    if (method === 'POST' && /^\/v2\/.*\/tasks$/.test(path)) return [200, {}];
    return error(404, 'NOT_FOUND');
  }

  return {
    calls,
    async send({ origin, method, path, headers, body }): Promise<HttpResponse> {
      calls.push({ origin: origin.origin, method, path, headers, body });
      const [status, json] = answer(method, path);
      return { status, headers: {}, body: JSON.stringify(json) };
    },
    reset() {
      calls.length = 0;
      cancelled.clear();
    },
  };
}

function error(code: number, status: string): [number, unknown] {
  return [code, { error: { code, status, message: `Played ${status}.` } }];
}
