import type { Emulator } from './index.ts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes.
  json: any;
}

/**
 * One request over real HTTP, to a path of the emulator's first port or to a URL, with a bearer token unless `token` is null. `json` is undefined where
 * the answer is no JSON. Fails after five seconds, so that no test hangs.
 */
export async function call(
  emulator: Emulator,
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; token?: string | null } = {},
): Promise<Reply> {
  const { body, headers, token = 'a-token' } = options;
  const response = await fetch(new URL(path, emulator.url), {
    method,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
