/** What every alerting system's caller does once its payload is read: names to asks, results to statuses. */

import { admission, type Proof } from '../auth/authenticator.ts';
import type { Caller, Conversation, Reply } from '../caller.ts';
import type { Setup } from '../caller-deps.ts';
import type { AlertItem, Answer, Ask, ItemOutcome, SweepAsk } from '../command.ts';
import { invalid, type StatusError } from '../errors.ts';
import { parseOperationName } from '../resource-name.ts';
import { namesIn } from './find-operation-names.ts';
import { errorReply, isJson, jsonReply, readJson } from './json.ts';
import { parseSweep, type SweepText, sweepRequest } from './sweep-request.ts';

export const presetSettings = {
  ...sweepRequest,
  description: 'A sweep to run when an alert fires, in place of the operation that it names.',
} as const;

/** @returns the sweep that a configured preset stands for; its faults are noted */
function readPreset(preset: SweepText | undefined, setup: Setup): SweepAsk | undefined {
  if (preset === undefined) return undefined;
  const sweep = parseSweep(preset);
  if ('kind' in sweep) {
    const { limit = 0 } = sweep;
    if (limit > setup.sweepMax)
      setup.fault(['preset', 'limit'], `must be at most ${setup.sweepMax}`);
    return sweep;
  }
  for (const { field, description } of sweep) {
    const [, key = field, index] = /^(\w+)\[(\d+)\]$/.exec(field) ?? [];
    const place = index === undefined ? [key] : [key, Number(index)];
    setup.fault(['preset', ...place], description);
  }
  return undefined;
}

/**
 * The caller of an alerting system: JSON in, the alert answer out.
 *
 * @param given.read a payload's firing alerts, and what each of them named
 */
export function alertCaller(
  route: string,
  setup: Setup,
  given: {
    readonly proof: Proof;
    readonly preset: SweepText | undefined;
    readonly methods?: readonly string[];
    read(body: unknown): readonly (readonly AlertItem[])[];
  },
): Caller {
  const preset = readPreset(given.preset, setup);
  return {
    methods: given.methods ?? ['POST'],
    takes: isJson,
    authenticate: async (head) => admission(route, await given.proof(head)),
    read: (incoming) => alertConversation(given.read(readJson(incoming)), preset),
    refuse: alertRefusal,
  };
}

/** A label or an annotation that should hold one name, and nothing else. */
export function namedBy(field: string, value: string): AlertItem {
  const operation = parseOperationName(value.trim());
  if (operation) return { operation };
  const description =
    namesIn(value).length > 1
      ? 'names more than one operation'
      : "is not an operation's full name, projects/…/locations/…/operations/…";
  return { name: shorten(value), error: invalid({ field, description }) };
}

/** Prose of one alert: the one name in it; none where there is none. */
export function namedIn(field: string, texts: readonly string[]): AlertItem[] {
  const names = [...new Set(texts.flatMap(namesIn))];
  const [operation, another] = names;
  if (!operation) return [];
  if (!another) return [{ operation }];
  const error = invalid({ field, description: 'names more than one operation' });
  return [{ name: names.join(' ').slice(0, 512), error }];
}

/**
 * The conversation for a payload: `firing` holds what each of its firing alerts named; none of them
 * is a firing alert that names nothing.
 */
export function alertConversation(
  firing: readonly (readonly AlertItem[])[],
  preset: SweepAsk | undefined,
): Conversation {
  return { ask: alertAsk(firing, preset), answer: alertReply };
}

function alertAsk(firing: readonly (readonly AlertItem[])[], preset: SweepAsk | undefined): Ask {
  if (preset) return firing.length > 0 ? preset : { kind: 'nothing' };
  const items = new Map<string, AlertItem>();
  for (const item of firing.flat())
    items.set('operation' in item ? item.operation : item.name, item);
  return items.size > 0 ? { kind: 'alert', items: [...items.values()] } : { kind: 'nothing' };
}

const RETRY_LATER = { 'Retry-After': '30' } as const;

/** 503 where sending the alert again could help, 403 where nothing ever will, else 200. */
export function alertReply(answer: Answer): Reply {
  const report = answer.kind === 'sweep' ? answer.report : undefined;
  const operations = answer.kind === 'alert' ? answer.items : (report?.operations ?? []);
  const body = JSON.stringify(report ?? { operations });
  if (operations.some((item) => errorOf(item)?.retryable)) {
    return jsonReply(503, body, RETRY_LATER);
  }
  const refused = operations.length > 0 && operations.every((item) => errorOf(item) !== undefined);
  return jsonReply(refused ? 403 : 200, body);
}

/** What is refused as a whole, before any of its operations: a preset's sweep, an unreadable body. */
function alertRefusal(error: StatusError): Reply {
  const reply = errorReply(error);
  if (!error.retryable) return reply;
  // Alertmanager sends what was a 5xx again soon, and takes a 429 for final.
  const status = reply.status === 429 ? 503 : reply.status;
  return { ...reply, status, headers: { ...RETRY_LATER, ...reply.headers } };
}

function errorOf(item: ItemOutcome): StatusError | undefined {
  return 'error' in item ? item.error : undefined;
}

function shorten(text: string): string {
  return text.length > 256 ? `${text.slice(0, 256)}…` : text;
}
