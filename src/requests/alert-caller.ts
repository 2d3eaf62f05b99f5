/** What every alerting system's caller does once its payload is read: names to asks, results to statuses. */

import { type Authenticator, toHeadAuthentication } from '../auth/authenticator.ts';
import type { Caller, HttpResponse, Interaction } from '../caller.ts';
import type { CallerDeps } from '../caller-deps.ts';
import type {
  CancelTarget,
  Command,
  CommandResult,
  OperationOutcome,
  SweepCommand,
} from '../command.ts';
import { invalidRequest, type StatusError } from '../errors.ts';
import { parseOperationName } from '../resource-name.ts';
import { findOperationNames } from './find-operation-names.ts';
import { errorResponse, isJson, jsonResponse, parseJson } from './json.ts';
import { type SweepRequest, sweepRequest, toSweepCommand } from './sweep-request.ts';

export const presetSettings = {
  ...sweepRequest,
  description: 'A sweep to run when an alert fires, in place of the operation that it names.',
} as const;

/** @returns the sweep that a configured preset stands for; its faults are noted */
function parsePreset(preset: SweepRequest | undefined, deps: CallerDeps): SweepCommand | undefined {
  if (preset === undefined) return undefined;
  const sweep = toSweepCommand(preset);
  if ('kind' in sweep) {
    const { limit = 0 } = sweep;
    if (limit > deps.sweepMax)
      deps.addError(['preset', 'limit'], `must be at most ${deps.sweepMax}`);
    return sweep;
  }
  for (const { field, description } of sweep) {
    const [, key = field, index] = /^(\w+)\[(\d+)\]$/.exec(field) ?? [];
    const place = index === undefined ? [key] : [key, Number(index)];
    deps.addError(['preset', ...place], description);
  }
  return undefined;
}

/**
 * The caller of an alerting system: JSON in, the alert answer out.
 *
 * @param given.read a payload's firing alerts, and what each of them named
 */
export function createAlertCaller(
  route: string,
  deps: CallerDeps,
  given: {
    readonly authenticate: Authenticator;
    readonly preset: SweepRequest | undefined;
    readonly methods?: readonly string[];
    read(body: unknown): readonly (readonly CancelTarget[])[];
  },
): Caller {
  const preset = parsePreset(given.preset, deps);
  return {
    methods: given.methods ?? ['POST'],
    acceptsMediaType: isJson,
    authenticate: async (head) => toHeadAuthentication(route, await given.authenticate(head)),
    parse: (request) => createAlertInteraction(given.read(parseJson(request)), preset),
    renderError: renderAlertError,
  };
}

/** A label or an annotation that should hold one name, and nothing else. */
export function targetFromField(field: string, value: string): CancelTarget {
  const operation = parseOperationName(value.trim());
  if (operation) return { operation };
  const description =
    findOperationNames(value).length > 1
      ? 'names more than one operation'
      : "is not an operation's full name, projects/…/locations/…/operations/…";
  return { name: shorten(value), error: invalidRequest({ field, description }) };
}

/** Prose of one alert: the one name in it; none where there is none. */
export function targetsFromText(field: string, texts: readonly string[]): CancelTarget[] {
  const names = [...new Set(texts.flatMap(findOperationNames))];
  const [operation, another] = names;
  if (!operation) return [];
  if (!another) return [{ operation }];
  const error = invalidRequest({ field, description: 'names more than one operation' });
  return [{ name: names.join(' ').slice(0, 512), error }];
}

/**
 * The conversation for a payload: `firing` holds what each of its firing alerts named; none of them
 * is a firing alert that names nothing.
 */
export function createAlertInteraction(
  firing: readonly (readonly CancelTarget[])[],
  preset: SweepCommand | undefined,
): Interaction {
  return { command: toCommand(firing, preset), respond: renderAlertResult };
}

function toCommand(
  firing: readonly (readonly CancelTarget[])[],
  preset: SweepCommand | undefined,
): Command {
  if (preset) return firing.length > 0 ? preset : { kind: 'nothing' };
  const items = new Map<string, CancelTarget>();
  for (const item of firing.flat())
    items.set('operation' in item ? item.operation : item.name, item);
  return items.size > 0 ? { kind: 'alert', targets: [...items.values()] } : { kind: 'nothing' };
}

const RETRY_LATER = { 'Retry-After': '30' } as const;

/** 503 where sending the alert again could help, 403 where nothing ever will, else 200. */
export function renderAlertResult(answer: CommandResult): HttpResponse {
  const report = answer.kind === 'sweep' ? answer.report : undefined;
  const operations = answer.kind === 'alert' ? answer.items : (report?.operations ?? []);
  const body = JSON.stringify(report ?? { operations });
  if (operations.some((item) => errorOf(item)?.retryable)) {
    return jsonResponse(503, body, RETRY_LATER);
  }
  const refused = operations.length > 0 && operations.every((item) => errorOf(item) !== undefined);
  return jsonResponse(refused ? 403 : 200, body);
}

/** What is refused as a whole, before any of its operations: a preset's sweep, an unreadable body. */
function renderAlertError(error: StatusError): HttpResponse {
  const reply = errorResponse(error);
  if (!error.retryable) return reply;
  // Alertmanager sends what was a 5xx again soon, and takes a 429 for final.
  const status = reply.status === 429 ? 503 : reply.status;
  return { ...reply, status, headers: { ...RETRY_LATER, ...reply.headers } };
}

function errorOf(item: OperationOutcome): StatusError | undefined {
  return 'error' in item ? item.error : undefined;
}

function shorten(text: string): string {
  return text.length > 256 ? `${text.slice(0, 256)}…` : text;
}
