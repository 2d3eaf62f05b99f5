/**
 * AI agents, over the Model Context Protocol's Streamable HTTP transport, without sessions:
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator, toHeadAuthentication } from '../../auth/index.ts';
import {
  type CallerDefinition,
  callerSettings,
  type HttpResponse,
  type Interaction,
  notifySettings,
  type RequestHead,
  type WebhookRequest,
} from '../../caller.ts';
import type { Command } from '../../command.ts';
import { type FieldViolation, invalidRequest, StatusError } from '../../errors.ts';
import { automationSettings } from '../../requests/alert-caller.ts';
import { errorResponse, isJson, parseJson } from '../../requests/json.ts';
import { findViolations } from '../../requests/parse-command.ts';
import { describeParentForm, parseParentName, parseResourceName } from '../../resource-name.ts';
import { describePattern, patternMessage } from '../../validation/validator.ts';
import { DURATION, parseDuration } from '../../validation/values.ts';
import type { ToolCall } from './protocol.ts';

/** https://www.rfc-editor.org/rfc/rfc6454#section-6.2 */
const ORIGIN = describePattern(
  '^[a-z][a-z0-9+.-]*://[^/?#\\s]+$',
  'an origin, such as https://agents.example.com',
);

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'mcp', description: 'AI agents, over the Model Context Protocol.' },
    description: callerSettings.description,
    mode: automationSettings.mode,
    cancelsPerMinute: {
      ...callerSettings.cancelsPerMinute,
      description:
        'Most cancels and proposals in 60 seconds that each instance of the function sends for this caller. Default: 10.',
    },
    notify: notifySettings,
    auth: authSettings('bearer', 'google', 'iam'),
    origins: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', pattern: ORIGIN },
      description:
        'The values of the header Origin that are accepted. Unless given, a request that has the header is refused.',
    },
  },
} as const;

export const mcp: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'mcp',
  cancelsPerMinute: 10,
  settings,
  create(route, { auth, origins = [] }, deps) {
    const authenticator = createAuthenticator(auth, deps, ['auth']);
    /** A file of its own, which only a configuration with such a caller loads (deploy/bundle.ts). */
    let protocol: Protocol | undefined;
    return {
      methods: ['POST'],
      acceptsMediaType: isJson,
      async authenticate(head) {
        const authentication = toHeadAuthentication(route, await authenticator(head));
        checkOrigin(head, origins);
        protocol ??= await import('./protocol.ts');
        return authentication;
      },
      parse(request) {
        if (!protocol) throw new Error('parsed before it was authenticated');
        return toInteraction(request, protocol);
      },
      renderError: errorResponse,
    };
  },
};

type Protocol = typeof import('./protocol.ts');

/**
 * Refuses a page of another site in a browser, which could use the network that the person is in:
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security-&-endpoint
 *
 * @throws StatusError NOT_ALLOWED
 */
function checkOrigin({ headers: { origin } }: RequestHead, origins: readonly string[]): void {
  if (origin === undefined || origins.includes(String(origin))) return;
  throw StatusError.create('NOT_ALLOWED', 'The caller does not accept this Origin.');
}

function toInteraction(request: WebhookRequest, protocol: Protocol): Interaction {
  let body: unknown;
  try {
    body = parseJson(request);
  } catch (thrown) {
    const error = StatusError.from(thrown);
    return refuse(error, () => protocol.parseErrorResponse(error.message));
  }
  const message = protocol.parseMessage(body, request.headers);
  switch (message.kind) {
    case 'error':
      return refuse(StatusError.create('INVALID_REQUEST', message.message), () => message.response);
    case 'reply':
      return {
        command: { kind: 'noop' },
        agent: message.agent,
        note: message.note,
        respond: () => message.response,
      };
    case 'call': {
      const { respond, agent } = message;
      const command = toCommand(message, protocol, request.receivedAt);
      return { command, agent, respond, respondError: respond };
    }
  }
}

/** Tells the sender in its own form why its message was not understood. */
function refuse(error: StatusError, respondError: () => HttpResponse): Interaction {
  return { command: { kind: 'refuse', error }, respond: respondError, respondError };
}

function toCommand(call: ToolCall, protocol: Protocol, receivedAt: number): Command {
  const { tool, given } = call;
  const violations = [...protocol.checkArguments(tool, given), ...findArgumentViolations(given)];
  const {
    name = '',
    parent: place = '',
    reason = '',
    wait,
  } = given as Readonly<Record<string, string>>;
  const operation = violations.length > 0 ? undefined : parseResourceName(name);
  const parent = violations.length > 0 ? undefined : parseParentName(place);
  if (parent) return { kind: 'list', parent };
  if (!operation) return { kind: 'refuse', error: invalidRequest(...violations) };
  switch (tool) {
    case 'cancel_operation': {
      const waitMs = wait === undefined ? undefined : parseDuration(wait);
      const waitDeadline = waitMs === undefined ? {} : { waitDeadline: receivedAt + waitMs };
      return { kind: 'cancel', operation, reason, validateOnly: false, ...waitDeadline };
    }
    case 'explain':
      return { kind: 'explain', operation };
    default:
      return { kind: 'status', operation };
  }
}

/** Finds what the schema of a tool cannot. */
function findArgumentViolations(given: Readonly<Record<string, unknown>>): FieldViolation[] {
  const { parent, wait } = given;
  const violations = findViolations(given);
  if (typeof parent === 'string' && !parseParentName(parent)) {
    violations.push({ field: 'parent', description: describeParentForm(parent) });
  }
  if (typeof wait === 'string' && parseDuration(wait) === undefined) {
    violations.push({ field: 'wait', description: patternMessage(DURATION) ?? '' });
  }
  return violations;
}
