/** Webhooks that the page composes, signs and sends; replays, and commands for a shell. */

import { randomBytes } from 'node:crypto';
import { shellQuote } from '../../src/cli/send/text.ts';
import type { Caller, Fields } from './callers.ts';
import { Refusal } from './guard.ts';
import type { RequestBody } from './server.ts';
import { isSignature } from './signing.ts';
import type { Workbench } from './workbench.ts';

/** The longest that the function may take: a `wait` of 55 s, and what comes after. */
const RESPONSE_MS = 70_000;

export class Webhooks {
  readonly #bench: Workbench;
  readonly #closing = new AbortController();

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  /** @throws Refusal 400 where the form names a caller or a command that does not exist */
  compose({ caller: route, command, ...fields }: RequestBody): { what: string; body: string } {
    const caller = this.#caller(route);
    const found = caller.commands[Number(command)];
    if (!found) throw new Refusal(400, 'No such command.');
    const text = (key: keyof Fields) => String(fields[key] ?? '');
    const given: Fields = {
      principal: text('principal'),
      operation: text('operation'),
      reason: text('reason'),
      wait: text('wait'),
      validateOnly: fields.validateOnly === true,
      parent: text('parent'),
      olderThan: text('olderThan'),
    };
    const body = found.body(given);
    return {
      what: found.label,
      body: this.#bench.messages.withResponseUrl(caller, body, given.principal),
    };
  }

  /** Sends what the form says. @throws Refusal 400 */
  send(wish: RequestBody): { id: number } {
    const caller = this.#caller(wish.caller);
    const principal = String(wish.principal ?? '');
    const { what, body } =
      typeof wish.body === 'string' ? { what: 'own body', body: wish.body } : this.compose(wish);
    return this.#post(caller, body, String(wish.credential ?? 'valid'), principal, what);
  }

  /** Sends a request once more, signed anew. @throws Refusal 400 */
  replay({ id }: RequestBody): { id: number } {
    const { caller, body, principal } = this.#recorded(id);
    return this.#post(caller, body, 'valid', principal, `replay of ${id}`);
  }

  /** Presses a button of a message. @throws Refusal 400 */
  press({ message, button }: RequestBody): { id: number } {
    const { messages } = this.#bench;
    const { caller, body, principal } = messages.press(
      this.#bench.callers(),
      Number(message),
      Number(button),
    );
    return this.#post(caller, body, 'valid', principal, 'button');
  }

  /**
   * Returns a command for a shell that sends a request again. The user's own secrets are not in it.
   *
   * @throws Refusal 400
   */
  command({ id }: RequestBody): { text: string } {
    const { caller, body, principal } = this.#recorded(id);
    const { route, settings } = caller;
    const config = this.#bench.current();
    const { signer } = caller;
    const [ref] = [signer.refs ?? []].flat();
    const isOwn = ref !== undefined && !config?.madeUp.has(ref);
    if (isOwn && isSignature(signer)) {
      const send = ['npx --no -- cancel-hook send', `--config ${shellQuote(config?.name ?? '')}`];
      const rest = [`--caller ${route}`, `--url ${this.#bench.hook.url}`, '--body -'];
      return { text: `printf %s ${shellQuote(body)} |\n  ${[...send, ...rest].join(' ')}\n` };
    }
    const [, kind, place = ''] = /^(env|file):(.+)$/s.exec(ref ?? '') ?? [];
    const reference = kind === 'env' ? `$${place}` : `$(cat ${shellQuote(place)})`;
    const { headers, query } = caller.sign(body, 'valid', principal);
    const url = `${this.#bench.hook.url}/${route}`;
    const data = `--data-raw ${shellQuote(body)}`;
    if (isOwn && signer.fromStdin) {
      const { print, curl } = signer.fromStdin(reference);
      const own = Object.entries(caller.headers(body)).map(
        ([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`,
      );
      return { text: `${print} |\n  curl -i ${[url, ...own, curl, data].join(' \\\n  ')}\n` };
    }
    const all = Object.entries(headers).map(
      ([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`,
    );
    const target = shellQuote(query === undefined ? url : `${url}?${query}`);
    const note = settings.type === 'slack' ? '# The signature is valid for 5 minutes.\n' : '';
    return { text: `${note}curl -i ${[target, ...all, data].join(' \\\n  ')}\n` };
  }

  close(): void {
    this.#closing.abort();
  }

  #caller(route: unknown): Caller {
    const caller = this.#bench.callers().get(String(route));
    if (!caller) throw new Refusal(400, 'No such caller.');
    return caller;
  }

  #recorded(id: unknown): { caller: Caller; body: string; principal: string } {
    const kept = this.#bench.history.find(Number(id));
    if (!kept) throw new Refusal(400, 'That request is no longer kept.');
    const { exchange, request, principal } = kept;
    return { caller: this.#caller(exchange.caller), body: request.body.toString(), principal };
  }

  #post(
    caller: Caller,
    body: string,
    credential: string,
    principal: string,
    what: string,
  ): { id: number } {
    const webhook = caller.sign(body, credential, principal);
    const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const id = this.#bench.history.announce(trace, what, principal);
    const query = webhook.query === undefined ? '' : `?${webhook.query}`;
    // What comes of it, the proxy tells.
    void fetch(`${this.#bench.hook.url}/${caller.route}${query}`, {
      method: webhook.method,
      headers: { ...webhook.headers, traceparent: `00-${trace}-${span}-01` },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(RESPONSE_MS)]),
    })
      .then((response) => response.arrayBuffer())
      .catch(() => {});
    return { id };
  }
}
