/**
 * What a caller is: who may knock at one route, what they may say there, and the language in which
 * they are answered.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { CallerDeps } from './caller-deps.ts';
import type { Command, CommandResult } from './command.ts';
import type { StatusError } from './errors.ts';

/** A request's head, which is all that there is before its body: no vendor's shape, no framework's. */
export interface RequestHead {
  readonly method: string;
  /** The raw query string without its question mark; it may hold a secret, so it is never logged. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds on the hook's clock (`Clock.now`). */
  readonly receivedAt: number;
}

/** A request as it came, its body unread by anyone. */
export interface WebhookRequest extends RequestHead {
  readonly body: Buffer;
  /** Aborts when the client has gone, or when the instance is told to stop. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the answer has left behind, such as words that go another way. Never rejects. */
  readonly waitUntil?: Promise<unknown>;
}

declare const principalBrand: unique symbol;

/** A head that is good enough for its body to be taken in. */
export interface HeadAuthentication {
  /** Whether the head alone proves who sent it. Where it does not, the body is signed. */
  readonly authenticated: boolean;
  /** So many bytes of a body can still prove something; absent: as many as are read at all. */
  readonly maxBodyBytes?: number;
  /** Who sent it, now that the body is here. @throws StatusError UNAUTHENTICATED, MALFORMED_BODY */
  authenticate(body: Buffer): Principal;
}

/** Someone whose proof was accepted. Only {@link createPrincipal}, behind a proof, makes one. */
export interface Principal {
  readonly caller: string;
  /** What a rule's `principals` may name; the first one names the person in logs. */
  readonly identities: readonly string[];
  readonly [principalBrand]: true;
}

export function createPrincipal(caller: string, identities: readonly string[]): Principal {
  return { caller, identities } as Principal;
}

/** What one request asks for, and the words for what comes of it. */
export interface Interaction {
  readonly command: Command;
  /** Milliseconds since 1970: whatever is known by then is the answer. */
  readonly respondBy?: number;
  respond(answer: CommandResult): HttpResponse | Promise<HttpResponse>;
  /** Absent: the caller's own {@link Caller.renderError}. */
  respondError?(error: StatusError): HttpResponse | Promise<HttpResponse>;
  /** Tells what was learned after an `unfinished` answer, where the sender has an ear for it. */
  onLateResult?(learned: CommandResult | StatusError): Promise<void>;
}

/** One configured route. */
export interface Caller {
  readonly methods: readonly string[];
  /** The sender takes every refusal as done with: a person has to hear of it from the log. */
  readonly acknowledgesErrors?: true;
  /** Where Cloud Tasks can send this caller's requests, and the audience of the token for it. */
  readonly callback?: { readonly url: string; readonly audience: string } | undefined;
  /** Whether it takes a media type (lower case, without parameters; undefined where none is given). */
  acceptsMediaType(mediaType: string | undefined): boolean;
  /**
   * Refuses by the head whatever the head can show to be no authenticate: a stranger's body is not read.
   *
   * @throws StatusError UNAUTHENTICATED, or KEYS_UNAVAILABLE where that cannot be known now
   */
  authenticate(head: RequestHead): Promise<HeadAuthentication>;
  /** @throws StatusError MALFORMED_BODY, INVALID_REQUEST */
  parse(request: WebhookRequest, principal: Principal): Interaction;
  /** In the caller's own form; what fails before it was read, is refused by this. */
  renderError(error: StatusError): HttpResponse;
}

/** One kind of sender: its settings in the configuration, and what is made of them. */
export interface CallerDefinition<Settings> {
  readonly type: string;
  /** The JSON Schema of `Settings`. */
  readonly settings: object;
  create(route: string, settings: Settings, deps: CallerDeps): Caller;
}
