/** What people see in Slack and Google Chat: notifications, and the responses to their commands. */

import { REQUESTS } from '../../src/cli/send/bodies.ts';
import { addOn, app } from '../../src/cli/send/senders/google-chat.ts';
import type { Emulator, InboxMessage } from '../emulator/index.ts';
import { getButtons, getMessage } from '../support/chat.ts';
import type { Caller } from './callers.ts';
import type { Exchange } from './exchange.ts';
import { Refusal } from './guard.ts';
import { destinationPath, type LocalConfig } from './local-config.ts';

interface MessageView {
  readonly id: number;
  readonly service: InboxMessage['service'];
  /** `destination oncall`, or the caller that responded. */
  readonly from: string;
  readonly body: unknown;
  readonly replies: readonly unknown[];
}

/** A press on a button: what the service sends to the caller. */
export interface Press {
  readonly caller: Caller;
  readonly body: string;
  readonly principal: string;
}

interface SlackElement {
  readonly type: string;
  readonly action_id?: string;
  readonly value?: string;
}

interface SlackBlock {
  readonly block_id?: string;
  readonly accessory?: SlackElement;
  readonly elements?: readonly SlackElement[];
}

export class Messages {
  readonly #emulator: Emulator;
  /** By the index of a message: the caller that responded with it, and to whom. */
  readonly #responses = new Map<number, { readonly route: string; readonly principal: string }>();

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  view({ valid }: LocalConfig): MessageView[] {
    const destinations = new Map(
      Object.entries(valid.input.destinations ?? {}).map(([name, { type }]) => [
        destinationPath(type, name).split('?')[0],
        `destination ${name}`,
      ]),
    );
    return this.#emulator.inbox
      .map(({ service, path, body, replies }, id) => ({
        id,
        service,
        from: this.#responses.get(id)?.route ?? destinations.get(path) ?? 'a destination',
        body,
        replies,
      }))
      .filter(({ body }) => Object.keys(body).length > 0);
  }

  /** Gives what a person sends from Slack a `response_url` that leads here. */
  withResponseUrl(caller: Caller, body: string, principal: string): string {
    if (caller.type !== 'slack') return body;
    const id = this.#open('slack', caller.route, principal);
    const response_url = `${this.#emulator.url}${this.#emulator.inbox[id]?.responsePath}`;
    const form = new URLSearchParams(body);
    const payload = form.get('payload');
    if (payload === null) form.set('response_url', response_url);
    else form.set('payload', JSON.stringify({ ...JSON.parse(payload), response_url }));
    return form.toString();
  }

  /** Keeps the message in a response, where people would see it. */
  takeResponse({ caller, type, response }: Exchange, sent: string, principal: string): void {
    if (response?.status !== 200) return;
    const body = parse(response.body);
    if (type === 'slack' && typeof body?.text === 'string') {
      const [, id] =
        /\/actions\/inbox\/(\d+)/.exec(new URLSearchParams(sent).get('response_url') ?? '') ?? [];
      const message = this.#emulator.inbox[Number(id ?? this.#open('slack', caller, principal))];
      if (message) message.body = body;
    }
    if (type === 'google-chat' && body) {
      const message = getMessage(body);
      if (message.text === undefined && message.cardsV2 === undefined) return;
      const opened = this.#emulator.inbox[this.#open('google-chat', caller, principal)];
      if (opened) opened.body = message;
    }
  }

  /**
   * Returns what a press on a button of a message sends.
   *
   * @param index of the button, in the order in which the page shows them
   * @throws Refusal 400
   */
  press(callers: ReadonlyMap<string, Caller>, id: number, index: number): Press {
    const message = this.#emulator.inbox[id];
    const response = this.#responses.get(id);
    const own = [...callers.values()].find(
      ({ type, route }) => type === message?.service && (!response || route === response.route),
    );
    if (!message) throw new Refusal(400, 'No such message.');
    if (!own) throw new Refusal(400, `No caller of type ${message.service} receives the press.`);
    const principal = response?.principal ?? own.principals[0] ?? '';
    const body =
      message.service === 'slack'
        ? this.#pressSlack(own, message, index, principal)
        : pressChat(own, message, index, principal);
    return { caller: own, body, principal };
  }

  #open(service: InboxMessage['service'], route: string, principal: string): number {
    const { inbox } = this.#emulator;
    const id = inbox.length;
    inbox.push({ service, path: '', body: {}, replies: [], responsePath: `/actions/inbox/${id}` });
    this.#responses.set(id, { route, principal });
    return id;
  }

  #pressSlack(caller: Caller, message: InboxMessage, index: number, principal: string): string {
    const { body, responsePath } = message;
    const buttons = (body.blocks ?? []).flatMap(
      ({ block_id, accessory, elements = [] }: SlackBlock) =>
        [accessory, ...elements]
          .filter((one) => one?.type === 'button')
          .map((button) => ({ block_id, ...button })),
    );
    const button = buttons[index];
    if (!button) throw new Refusal(400, 'No such button.');
    const { block_id, action_id, value } = button;
    const form = REQUESTS.slack?.body({
      values: { button: true, ...(principal === '' ? {} : { principal: [principal] }) },
      settings: caller.settings,
      name: value,
    });
    const payload = {
      ...JSON.parse(new URLSearchParams(form).get('payload') ?? '{}'),
      container: { type: 'message', is_ephemeral: body.response_type === 'ephemeral' },
      message: { type: 'message', text: body.text, blocks: body.blocks, ts: '1.2' },
      response_url: `${this.#emulator.url}${responsePath}`,
      actions: [{ type: 'button', block_id, action_id, value, action_ts: '1.2' }],
    };
    return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  }
}

function pressChat(
  { settings }: Caller,
  { body }: InboxMessage,
  index: number,
  principal: string,
): string {
  const button = getButtons(body)[index];
  if (!button) throw new Refusal(400, 'No such button.');
  const event = (settings.serviceAccount === undefined ? app : addOn).click(button.parameters);
  const text = JSON.stringify(event);
  const parsed = JSON.parse(text);
  const user = parsed.user ?? parsed.chat?.user;
  if (principal.startsWith('users/')) user.name = principal;
  else if (principal.includes('@')) user.email = principal;
  return JSON.stringify(parsed);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
