/** Requests of an agent's client: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http */

const VERSION = '2026-07-28';
const META = 'io.modelcontextprotocol/';

/** What the clients of this revision send with each request, in place of a handshake. */
export function message(method: string, params: object = {}, version = '0.1.0'): string {
  const _meta = {
    [`${META}protocolVersion`]: VERSION,
    [`${META}clientInfo`]: { name: 'cancel-hook-send', version },
    [`${META}clientCapabilities`]: {},
  };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } });
}

export function toolCall(name: string, given: object): string {
  return message('tools/call', { name, arguments: given });
}

/** The headers repeat parts of the body. A body of the earlier revisions, or of none, gets those of the latest handshake. */
export function headersOf(body: string | Buffer): Readonly<Record<string, string>> {
  const { method, params } = parse(body);
  const tool = params?.name;
  const isModern = params?._meta?.[`${META}protocolVersion`] === VERSION;
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': isModern ? VERSION : '2025-11-25',
    ...(isModern && typeof method === 'string' && { 'mcp-method': encode(method) }),
    ...(isModern && typeof tool === 'string' && { 'mcp-name': encode(tool) }),
  };
}

interface Parsed {
  readonly method?: unknown;
  readonly params?: {
    readonly name?: unknown;
    readonly _meta?: Readonly<Record<string, unknown>> | null;
  } | null;
}

function parse(body: string | Buffer): Parsed {
  try {
    return JSON.parse(body.toString()) ?? {};
  } catch {
    return {};
  }
}

/** A header holds visible ASCII and spaces between; other text is sent in Base64. */
function encode(text: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
  return isPlain && !text.startsWith('=?')
    ? text
    : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
