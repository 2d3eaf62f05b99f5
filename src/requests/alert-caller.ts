/** What the callers of all alerting systems share: the operations that they name, and the response. */

import { toHeadAuthentication } from '../auth/index.ts';
import {
  type Authenticator,
  type CallerBehaviour,
  type CallerDeps,
  callerSettings,
  type HttpResponse,
  type Interaction,
  notifySettings,
} from '../caller.ts';
import type { Command, CommandResult, OperationOutcome, SweepCommand } from '../command.ts';
import type { StatusError } from '../errors.ts';
import { DURATION, parseDuration } from '../validation/values.ts';
import type { AlertDelivery } from './find-resource-names.ts';
import {
  errorResponse,
  isJson,
  jsonResponse,
  parseJson,
  renderOperations,
  renderSweep,
} from './json.ts';
import { type SweepRequest, sweepRequest, toSweepCommand } from './parse-command.ts';

/** For alerting systems and Pub/Sub, whose responses nobody reads. */
export const automationSettings = {
  ...callerSettings,
  mode: {
    enum: ['enforce', 'observe', 'ask'],
    description:
      'In place of the mode of the whole configuration. ask: nothing is cancelled; people decide in Slack.',
  },
  notify: notifySettings,
  wait: {
    type: 'string',
    pattern: DURATION,
    description: 'How long the response waits for the outcome: 0s (one read) to 55s. Default: 3s.',
  },
  preset: {
    ...sweepRequest,
    description: 'A sweep to run when an alert fires, in place of the operation that it names.',
  },
} as const;

export const budgetPresetSettings = {
  ...automationSettings.preset,
  properties: {
    ...automationSettings.preset.properties,
    threshold: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 100,
      description:
        'Of a budget notification: the part of the budget that the cost must have reached. Default: 1.',
    },
  },
} as const;

/**
 * Creates the caller of an alerting system: JSON in, the alert response out.
 *
 * @param options.parse parses the body of a delivery
 */
export function createAlertCaller(
  route: string,
  deps: CallerDeps,
  options: {
    readonly authenticate: Authenticator;
    readonly preset: SweepRequest | undefined;
    readonly wait: string | undefined;
    /** In milliseconds: how long the sender waits for a response. */
    readonly senderTimeout?: number;
    readonly methods?: readonly string[];
    parse(body: unknown): AlertDelivery;
  },
): CallerBehaviour {
  const preset = parsePreset(options.preset, deps);
  const wait = parseWait(options.wait, deps, options.senderTimeout);
  return {
    methods: options.methods ?? ['POST'],
    acknowledgesErrors: true,
    acceptsMediaType: isJson,
    authenticate: async (head) => toHeadAuthentication(route, await options.authenticate(head)),
    parse: (request) =>
      createAlertInteraction(options.parse(parseJson(request)), {
        preset,
        waitDeadline: request.receivedAt + wait,
      }),
    renderError: renderAlertError,
  };
}

/** @returns the sweep that a configured preset stands for; reports what is wrong with it */
export function parsePreset(
  preset: SweepRequest | undefined,
  deps: CallerDeps,
): SweepCommand | undefined {
  if (preset === undefined) return undefined;
  const sweep = toSweepCommand(preset, deps.sweepMax);
  if ('kind' in sweep) return sweep;
  for (const { field, description } of sweep) {
    const [, key = field, index] = /^(\w+)\[(\d+)\]$/.exec(field) ?? [];
    const place = index === undefined ? [key] : [key, Number(index)];
    deps.addError(['preset', ...place], description);
  }
  return undefined;
}

/** As long as a request that Cloud Functions' default timeout of 60 s does not end. */
const MAX_WAIT_MS = 55_000;
const DEFAULT_WAIT_MS = 3_000;
/** Of the time that a sender waits, this much is left for the cancel and the last read. */
const MARGIN_MS = 1_000;

/** @returns how long a response waits for the outcome, in milliseconds; reports what is wrong with it */
export function parseWait(
  wait: string | undefined,
  deps: CallerDeps,
  senderTimeout = Number.POSITIVE_INFINITY,
): number {
  if (wait === undefined) return DEFAULT_WAIT_MS;
  const milliseconds = parseDuration(wait) ?? Number.POSITIVE_INFINITY;
  const most = Math.min(MAX_WAIT_MS, senderTimeout - MARGIN_MS);
  if (milliseconds > most) deps.addError(['wait'], `must be at most ${most / 1000}s`);
  return milliseconds;
}

interface AlertOptions {
  readonly preset: SweepCommand | undefined;
  readonly waitDeadline: number;
}

export function createAlertInteraction(
  delivery: AlertDelivery,
  options: AlertOptions,
): Interaction {
  const { alert } = delivery;
  return { command: toCommand(delivery, options), alert, respond: renderAlertResult };
}

function toCommand(delivery: AlertDelivery, { preset, waitDeadline }: AlertOptions): Command {
  const { firing, targets, unreadName = false, truncatedAlerts = 0 } = delivery;
  if (preset && firing) return { ...preset, waitDeadline, truncatedAlerts };
  // Beside a preset no alert needs a name. What cannot be read is refused all the same.
  const wanted = preset ? targets.filter((target) => 'error' in target) : targets;
  if (preset && wanted.length === 0 && !unreadName) return { kind: 'noop', truncatedAlerts };
  const byName = new Map(
    wanted.map((target) => ['operation' in target ? target.operation : target.name, target]),
  );
  const all = [...byName.values()];
  return { kind: 'cancel-many', targets: all, unreadName, truncatedAlerts, waitDeadline };
}

const RETRY_LATER = { 'Retry-After': '30' } as const;

/**
 * Renders the alert response: 503 where a retry could help an operation, 403 where none could be
 * cancelled for good, else 200.
 */
export function renderAlertResult(result: CommandResult): HttpResponse {
  const report = result.kind === 'sweep' ? result.report : undefined;
  const operations = result.kind === 'cancel-many' ? result.items : (report?.operations ?? []);
  const body = report
    ? renderSweep(report)
    : `{${renderOperations(
        operations.map((item) =>
          'error' in item
            ? { name: item.name, error: item.error }
            : { name: item.name, outcome: item.outcome },
        ),
      )}}`;
  if (operations.some((item) => errorOf(item)?.retryable)) {
    return jsonResponse(503, body, RETRY_LATER);
  }
  const refused = operations.length > 0 && operations.every((item) => errorOf(item) !== undefined);
  return jsonResponse(refused ? 403 : 200, body);
}

/** Renders what refuses a whole delivery: an unreadable body, the sweep of a preset. */
function renderAlertError(error: StatusError): HttpResponse {
  const response = errorResponse(error);
  if (!error.retryable) return response;
  // Alertmanager repeats a delivery that was answered with 5xx, and takes 4xx for final, 429 too.
  const status = response.status < 500 ? 503 : response.status;
  return { ...response, status, headers: { ...RETRY_LATER, ...response.headers } };
}

function errorOf(item: OperationOutcome): StatusError | undefined {
  return 'error' in item ? item.error : undefined;
}
