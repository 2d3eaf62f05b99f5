/**
 * Defines a caller: who may send requests to one route, what these may ask for, and the form of the
 * responses.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { KeySet } from './auth/key-set.ts';
import type { Secret, SecretRefs } from './auth/secret.ts';
import type { Clock } from './clock.ts';
import type { Agent, Alert, Command, CommandResult } from './command.ts';
import type { Endpoints } from './config/endpoints.ts';
import type { StatusError } from './errors.ts';
import type { Destination } from './notify/destination.ts';

/** The head of a request: all that is known before its body arrives. */
export interface RequestHead {
  readonly method: string;
  /** The query string without its question mark. It may hold a secret and is never logged. */
  readonly query: string;
  /** Several `Authorization` headers are a list. */
  readonly headers: Omit<IncomingHttpHeaders, 'authorization'> & {
    readonly authorization?: string | readonly string[] | undefined;
  };
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** A whole request, with its body as it arrived. */
export interface WebhookRequest extends RequestHead {
  readonly body: Buffer;
  /** Aborts when the client has disconnected, or when the instance shuts down. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A task that goes on after the response, such as a follow-up message. Never rejects. */
  readonly waitUntil?: Promise<unknown>;
}

declare const principalBrand: unique symbol;

/** What the head of a request says about its sender. The body is read only where there is one. */
export interface HeadAuthentication {
  /** Whether the head alone authenticates the sender. Where it does not, the body is signed. */
  readonly authenticated: boolean;
  /** The largest body that can still be authentic, in bytes; absent: the limit of all bodies. */
  readonly maxBodyBytes?: number;
  /** Authenticates the sender with the body. @throws StatusError UNAUTHENTICATED, MALFORMED_BODY */
  authenticate(body: Buffer): Principal;
}

/** Checks whether a body is the one that was signed. */
export type VerifyBody = (body: Buffer) => boolean;

/**
 * Returns the sender's identities (none if the credentials name nobody), or, if the body is signed
 * and the head holds a signature that may be valid, the check of the body.
 *
 * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE if Google's keys cannot be fetched
 */
export type Authenticator = (head: RequestHead) => Promise<readonly string[] | VerifyBody>;

/** An authenticated sender. Only {@link createPrincipal} makes one, and only authenticators call it. */
export interface Principal {
  readonly caller: string;
  /** What a rule's `principals` may name; the first one names the person in logs. */
  readonly identities: readonly string[];
  readonly [principalBrand]: true;
}

export function createPrincipal(caller: string, identities: readonly string[]): Principal {
  return { caller, identities } as Principal;
}

/**
 * `observe`: does everything except the cancel. `ask`: asks people for approval instead of cancelling.
 */
export type Mode = 'enforce' | 'observe' | 'ask';

/** Describes what one request asks for, and how to respond to it. */
export interface Interaction {
  readonly command: Command;
  /** What caused the request, where that is an alert. */
  readonly alert?: Alert | undefined;
  /** The program that sent the request, where it says so. */
  readonly agent?: Agent | undefined;
  /** For the log, where the command alone does not explain itself. */
  readonly note?: string;
  /** Milliseconds since 1970: the response says what is known by then. */
  readonly respondBy?: number;
  respond(result: CommandResult): HttpResponse | Promise<HttpResponse>;
  /** Absent: the caller's own {@link Caller.renderError}. */
  respondError?(error: StatusError): HttpResponse | Promise<HttpResponse>;
  /** Sends the result that came after the response, where the sender can receive one. */
  onLateResult?(result: CommandResult | StatusError): Promise<void>;
}

/** One configured route. */
export interface Caller extends CallerBehaviour {
  readonly mode: Mode;
  /** The destinations that receive messages about its requests. */
  readonly notify: readonly Destination[];
  /** The most cancels in 60 seconds that an instance sends for it; undefined: no limit. */
  readonly cancelsPerMinute?: number | undefined;
}

/** Describes `cancelsPerMinute` for people. */
export function describeRate(cancelsPerMinute: number): string {
  const cancels = cancelsPerMinute === 1 ? 'cancel' : 'cancels';
  return `${cancelsPerMinute} ${cancels} per minute on each instance`;
}

/** What a type makes of its settings. */
export interface CallerBehaviour {
  readonly methods: readonly string[];
  /** Whether the sender takes every error as final, so that only the log can tell a person. */
  readonly acknowledgesErrors?: true;
  /** The URL to which Cloud Tasks can send requests of this caller, and the audience of their token. */
  readonly callback?: { readonly url: string; readonly audience: string } | undefined;
  /** @param mediaType in lower case, without parameters; undefined if the request has none */
  acceptsMediaType(mediaType: string | undefined): boolean;
  /**
   * Authenticates the sender as far as the head allows, so that no other body is read.
   *
   * @throws StatusError UNAUTHENTICATED; KEYS_UNAVAILABLE where that cannot be known now
   */
  authenticate(head: RequestHead): Promise<HeadAuthentication>;
  /** @throws StatusError MALFORMED_BODY, INVALID_REQUEST */
  parse(request: WebhookRequest, principal: Principal): Interaction;
  /** Renders an error in the form that the sender understands. */
  renderError(error: StatusError): HttpResponse;
}

/** The settings that callers of every type have. */
export const callerSettings = {
  description: { type: 'string', description: 'Free text, for people who read the configuration.' },
  mode: {
    enum: ['enforce', 'observe'],
    description: 'In place of the mode of the whole configuration.',
  },
  cancelsPerMinute: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description:
      'Most cancels in 60 seconds that each instance of the function sends for this caller. Default: no limit.',
  },
} as const;

export const notifySettings = {
  type: 'array',
  minItems: 1,
  maxItems: 10,
  items: { type: 'string', minLength: 1 },
  description: 'The destinations that receive a message about each outcome and each final refusal.',
} as const;

/** One type of caller: its settings in the configuration, and how a caller is created from them. */
export interface CallerDefinition<Settings> {
  readonly type: string;
  /** The JSON Schema of `Settings`. */
  readonly settings: object;
  /** The default of the setting `cancelsPerMinute`; absent: no limit. */
  readonly cancelsPerMinute?: number;
  create(route: string, settings: Settings, deps: CallerDeps): CallerBehaviour;
}

/** Sends JSON text to a URL, such as Slack's `response_url`. Never rejects. */
export type PostJson = (
  url: URL,
  body: string,
  timeoutMs: number,
) => Promise<PostResponse | undefined>;

interface PostResponse {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter?: string | undefined;
}

/** All errors that they find are reported at once. */
export interface CallerDeps {
  readonly clock: Clock;
  readonly googleKeys: KeySet;
  /** Google Chat signs with keys of its own where the audience is a project's number. */
  readonly chatKeys: KeySet;
  readonly post: PostJson;
  readonly endpoints: Endpoints;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  /** Most cancels of one sweep whose caller Cloud Tasks can send to; as `sweepMax` without a queue. */
  readonly queuedMax: number;
  /** Returns a name of each type of resource that rules name. */
  readonly examples: () => readonly string[];
  /**
   * Opens references to a secret. Adds an error where one is missing, empty, or where `check`
   * has something against its value.
   */
  secret(
    path: readonly (string | number)[],
    refs: SecretRefs,
    check?: (value: string) => string | undefined,
  ): Secret;
  /** Adds an error that the settings' schema cannot see. */
  addError(at: readonly (string | number)[], message: string): void;
  /** Logs a warning at start about what a setting relies on. */
  warn(at: readonly (string | number)[], message: string): void;
}
