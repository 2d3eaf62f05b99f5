/**
 * The messages of the Model Context Protocol, each answered on its own: those of revision 2026-07-28, and
 * those of 2025-06-18 and 2025-11-25, whose handshake is answered without a session.
 *
 * The build bundles this file and those that it imports as a file of their own. They import no code from
 * elsewhere: the bundle of the function has that already.
 */

import packageJson from '../../../package.json' with { type: 'json' };
import type { HttpResponse, RequestHead } from '../../caller.ts';
import type { Agent, CommandResult } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import {
  type Fields,
  type ImmediateResponse,
  INVALID_PARAMS,
  isRecord,
  METHOD_NOT_FOUND,
  parseRequest,
  type Request,
  rpcError,
  success,
} from './json-rpc.ts';
import { renderResult } from './results.ts';
import { INSTRUCTIONS, TOOLS, type ToolName } from './tools.ts';

export { parseErrorResponse } from './json-rpc.ts';
export { checkArguments } from './tools.ts';

export interface ToolCall {
  readonly kind: 'call';
  readonly tool: ToolName;
  /** Its arguments, unchecked. */
  readonly given: Fields;
  readonly agent: Agent | undefined;
  readonly respond: (result: CommandResult | StatusError) => HttpResponse;
}

/** https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes */
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;

const VERSION = '2026-07-28';
/** The newest first. */
const HANDSHAKE_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18'];
/** A request without the header is of this revision, which differs in batches only. */
const OLDEST_VERSION = '2025-03-26';

const META = 'io.modelcontextprotocol/';
const SERVER = { name: 'cancel-hook', title: 'cancel-hook', version: packageJson.version };
const CAPABILITIES = { tools: {} };
/** The tools are the same for every caller, and change with the version only. */
const CACHE = { ttlMs: 3_600_000, cacheScope: 'public' };

/** Reads a message, and answers it where it calls no tool. Never throws. */
export function parseMessage(
  body: unknown,
  headers: RequestHead['headers'],
): ToolCall | ImmediateResponse {
  const request = parseRequest(body, headers);
  if ('kind' in request) return request;
  return isHandshake(request) ? readHandshake(request) : readModern(request);
}

/** A request of 2026-07-28 says so in `_meta`; one of an earlier revision in a header, or not at all. */
function isHandshake({ method, params, headers }: Request): boolean {
  if (Object.hasOwn(metaOf(params), `${META}protocolVersion`)) return false;
  const version = headers['mcp-protocol-version'] ?? OLDEST_VERSION;
  return (
    method === 'initialize' || [...HANDSHAKE_VERSIONS, OLDEST_VERSION].includes(String(version))
  );
}

function readModern(request: Request): ToolCall | ImmediateResponse {
  const { id, method, params, headers } = request;
  const meta = metaOf(params);
  const sent = headers['mcp-protocol-version'];
  const version = meta[`${META}protocolVersion`] ?? (sent === VERSION ? undefined : sent);
  if (typeof version !== 'string' || !isRecord(meta[`${META}clientCapabilities`])) {
    const message = `_meta must have ${META}protocolVersion and ${META}clientCapabilities.`;
    return rpcError(400, INVALID_PARAMS, message, id);
  }
  const mismatch = findMismatch(request, version);
  if (mismatch) return rpcError(400, HEADER_MISMATCH, mismatch, id);
  if (version !== VERSION) {
    const data = { supported: [VERSION], requested: version.slice(0, MAX_CLAIM) };
    return rpcError(400, UNSUPPORTED_VERSION, 'Unsupported protocol version.', id, data);
  }
  const agent = toAgent(meta[`${META}clientInfo`]);
  const respond: Respond = (result, more) => {
    const _meta = { [`${META}serverInfo`]: SERVER };
    return success(id, { resultType: 'complete', ...result, _meta }, more);
  };
  switch (method) {
    case 'server/discover': {
      const versions = { supportedVersions: [VERSION], capabilities: CAPABILITIES };
      const response = respond({ ...versions, instructions: INSTRUCTIONS, ...CACHE });
      return { kind: 'reply', note: method, agent, response };
    }
    case 'tools/list':
      return listTools(request, agent, respond, CACHE);
    case 'tools/call':
      return readToolCall(request, agent, respond);
    default:
      return rpcError(404, METHOD_NOT_FOUND, 'Method not found.', id);
  }
}

/** https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation */
function findMismatch({ method, params, headers }: Request, version: string): string | undefined {
  if (headers['mcp-protocol-version'] !== version) {
    return 'The header MCP-Protocol-Version must be the version in _meta.';
  }
  if (version !== VERSION) return undefined;
  if (headers['mcp-method'] !== method) {
    return 'The header Mcp-Method must be the method of the body.';
  }
  if (method !== 'tools/call' || decodeHeader(headers['mcp-name']) === params.name)
    return undefined;
  return 'The header Mcp-Name must be the name of the tool in the body.';
}

/** Errors of an earlier revision are in the body of a 200, where its clients look for them. */
function readHandshake(request: Request): ToolCall | ImmediateResponse {
  const { id, method, params, headers } = request;
  const respond: Respond = (result, more) => success(id, result, more);
  const agent = fromUserAgent(headers['user-agent']);
  switch (method) {
    case 'initialize': {
      const { protocolVersion: asked, clientInfo } = params;
      if (typeof asked !== 'string') {
        return rpcError(200, INVALID_PARAMS, 'protocolVersion is required.', id);
      }
      const protocolVersion = HANDSHAKE_VERSIONS.includes(asked) ? asked : HANDSHAKE_VERSIONS[0];
      const server = { capabilities: CAPABILITIES, serverInfo: SERVER, instructions: INSTRUCTIONS };
      const response = respond({ protocolVersion, ...server });
      return { kind: 'reply', note: method, agent: toAgent(clientInfo) ?? agent, response };
    }
    case 'ping':
      return { kind: 'reply', note: method, agent, response: respond({}) };
    case 'tools/list':
      return listTools(request, agent, respond);
    case 'tools/call':
      return readToolCall(request, agent, respond);
    default:
      return rpcError(200, METHOD_NOT_FOUND, 'Method not found.', id);
  }
}

type Respond = (result: Fields, headers?: HttpResponse['headers']) => HttpResponse;

/** All tools are in the first page. */
function listTools(
  { id, method, params }: Request,
  agent: Agent | undefined,
  respond: Respond,
  cache: object = {},
): ImmediateResponse {
  if (params.cursor !== undefined) return rpcError(200, INVALID_PARAMS, 'Invalid cursor.', id);
  return { kind: 'reply', note: method, agent, response: respond({ tools: TOOLS, ...cache }) };
}

function readToolCall(
  { id, params }: Request,
  agent: Agent | undefined,
  respond: Respond,
): ToolCall | ImmediateResponse {
  const { name, arguments: given = {} } = params;
  const tool = TOOLS.find((one) => one.name === name)?.name;
  if (!tool) {
    const known = TOOLS.map((one) => one.name).join(', ');
    return rpcError(200, INVALID_PARAMS, `Unknown tool. The tools are ${known}.`, id);
  }
  if (!isRecord(given)) return rpcError(200, INVALID_PARAMS, 'arguments must be an object.', id);
  return {
    kind: 'call',
    tool,
    given,
    agent,
    respond(result) {
      const { fields, isError, headers } = renderResult(tool, given, result);
      const content = [{ type: 'text', text: JSON.stringify(fields) }];
      return respond({ content, structuredContent: fields, ...(isError && { isError }) }, headers);
    },
  };
}

/** Decodes a value that a header cannot hold: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding */
function decodeHeader(value: unknown): unknown {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(String(value)) ?? [];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}

/** What a client says of itself, and of a version that it asks for. */
const MAX_CLAIM = 64;

function toAgent(clientInfo: unknown): Agent | undefined {
  if (!isRecord(clientInfo) || typeof clientInfo.name !== 'string') return undefined;
  const { name, version } = clientInfo;
  const claimed = typeof version === 'string' ? { version: version.slice(0, MAX_CLAIM) } : {};
  return { name: name.slice(0, MAX_CLAIM), ...claimed };
}

/** The first product of a `User-Agent`: `claude-code/2.1`. What is no name and version may hold anything. */
const PRODUCT = /^([\w.@-]+)(?:\/([\w.-]+))?(?:\s|$)/;

/** Without a session, only the first message of a handshake has the client's name. */
function fromUserAgent(header: unknown): Agent | undefined {
  const [, name, version] = PRODUCT.exec(String(header ?? '')) ?? [];
  return toAgent({ name, version });
}

function metaOf({ _meta }: Fields): Fields {
  return isRecord(_meta) ? _meta : {};
}
