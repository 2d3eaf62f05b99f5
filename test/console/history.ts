/** All requests to the function, whoever sent them, and what came of each. */

import { redactSecrets } from '../../src/cli/send/text.ts';
import { findSecretRefs } from '../../src/config/callers.ts';
import type { LogLine } from '../support/function.ts';
import { findDecidingRule } from './deciding-rule.ts';
import { type Exchange, type Headers, shortenBody } from './exchange.ts';
import type { LocalConfig } from './local-config.ts';
import type { RecordedRequest, RecordedResponse, Recorder } from './proxy.ts';
import { maskHeader, maskTarget } from './signing.ts';

const MAX_KEPT = 200;

/** What the page knows of a request that it sends, by the request's trace. */
interface Announced {
  readonly id: number;
  readonly what: string;
  readonly principal: string;
}

interface Kept {
  readonly exchange: Exchange;
  readonly request: RecordedRequest;
  readonly principal: string;
  readonly startedAt: number;
}

export class History implements Recorder {
  readonly #config: () => LocalConfig | undefined;
  readonly #tell: (kept: Kept) => void;
  readonly #kept = new Map<string, Kept>();
  readonly #announced = new Map<string, Announced>();
  #count = 0;

  constructor(config: () => LocalConfig | undefined, tell: (kept: Kept) => void) {
    this.#config = config;
    this.#tell = tell;
  }

  /** The newest last. */
  get exchanges(): Exchange[] {
    return [...this.#kept.values()].map(({ exchange }) => exchange);
  }

  find(id: number): Kept | undefined {
    return this.#kept.values().find(({ exchange }) => exchange.id === id);
  }

  /** Announces a request that the page is about to send. @returns its id */
  announce(trace: string, what: string, principal: string): number {
    const id = ++this.#count;
    this.#announced.set(trace, { id, what, principal });
    return id;
  }

  onRequest(request: RecordedRequest): void {
    const { method, url, headers, body, trace, span } = request;
    const own = this.#announced.get(trace);
    this.#announced.delete(trace);
    const [, caller = ''] = /^\/([^/?]*)/.exec(url) ?? [];
    const settings = this.#config()?.callers[caller];
    const hmac = settings?.auth?.hmac as { header?: string } | undefined;
    const shown = Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name !== 'traceparent')
        .map(([name, value]) => [name, maskHeader(name, String(value), hmac?.header)]),
    );
    const exchange: Exchange = {
      id: own?.id ?? ++this.#count,
      at: Date.now(),
      caller,
      type: settings?.type ?? '',
      what: own?.what ?? '',
      sender: own ? 'this page' : String(headers['user-agent'] ?? 'unknown sender').slice(0, 60),
      request: {
        method,
        path: maskTarget(url),
        headers: this.#redactAll(shown),
        body: shortenBody(this.#redact(body.toString())),
      },
    };
    const kept = {
      exchange,
      request,
      principal: own?.principal ?? '',
      startedAt: performance.now(),
    };
    this.#kept.set(span, kept);
    if (this.#kept.size > MAX_KEPT) {
      for (const oldest of this.#kept.keys().take(1)) this.#kept.delete(oldest);
    }
    this.#tell(kept);
  }

  onResponse(span: string, response: RecordedResponse | Error): void {
    const kept = this.#kept.get(span);
    if (!kept) return;
    if (response instanceof Error) kept.exchange.failure = response.message;
    else {
      const { status, headers, body } = response;
      const flat = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      kept.exchange.response = {
        status,
        headers: this.#redactAll(Object.fromEntries(flat)),
        body: shortenBody(this.#redact(body.toString())),
        milliseconds: Math.round(performance.now() - kept.startedAt),
      };
    }
    this.#tell(kept);
  }

  onLogLine(span: string, line: LogLine): void {
    const kept = this.#kept.get(span);
    // A delivery with more than 100 results has further lines, which repeat what the first one tells.
    if (!kept || kept.exchange.line) return;
    kept.exchange.line = line;
    kept.exchange.rule = findDecidingRule(line, this.#config()?.valid.input.allow ?? []);
    this.#tell(kept);
  }

  #redactAll(headers: Headers): Headers {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, this.#redact(value)]),
    );
  }

  /** Replaces the user's own secrets; those that were made up may be shown. */
  #redact(text: string): string {
    const config = this.#config();
    if (!config) return text;
    const refs = findSecretRefs(config.callers).map(({ ref }) => ref);
    return redactSecrets(
      text,
      refs.filter((ref) => !config.madeUp.has(ref)).map((ref) => config.secret(ref)),
    );
  }
}
