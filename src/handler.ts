/**
 * Handles one request: authenticate, parse, authorize and execute, respond. Knows neither HTTP nor any
 * vendor.
 */

import { authorize, explain } from './actions/authorize.ts';
import { cancel, type Dependencies, fetchResource, throwNotSent } from './actions/cancel.ts';
import { cancelMany } from './actions/cancel-many.ts';
import {
  callOptions,
  dryRunOutcome,
  type Limits,
  type OperationContext,
} from './actions/context.ts';
import { list } from './actions/list-running.ts';
import { sweep } from './actions/sweep.ts';
import type {
  Caller,
  HeadAuthentication,
  HttpResponse,
  Interaction,
  RequestHead,
  WebhookRequest,
} from './caller.ts';
import type { CancelCommand, Command, CommandResult, StatusCommand } from './command.ts';
import { StatusError } from './errors.ts';
import type { LogEntry } from './log.ts';
import { addAlertField, addCommandFields, addErrorFields, addResultFields } from './log-fields.ts';
import { needsApproval, notifyOutcome, requestApproval } from './notify/notify.ts';
import { createPolicy } from './policy/policy.ts';
import { type Rule, ruleName } from './policy/rule.ts';

export interface HandlerOptions {
  readonly rules: readonly Rule[];
  readonly deps: Dependencies;
  readonly limits: Limits;
}

interface HandledRequest {
  readonly response: HttpResponse;
  /** Work that goes on after the response; when it ends, the log entry is complete. Never rejects. */
  readonly pendingTasks?: Promise<void>;
}

/** Never rejects: errors are rendered in the caller's own form, and noted in the log entry. */
export interface CommandHandler {
  /**
   * Authenticates the sender by the head of a request, before the body is read.
   *
   * @returns the error response where the head shows that the sender is not authentic
   */
  authenticate(
    caller: Caller,
    head: RequestHead,
    entry: LogEntry,
  ): Promise<HeadAuthentication | HttpResponse>;
  handle(
    caller: Caller,
    authentication: HeadAuthentication,
    request: WebhookRequest,
    entry: LogEntry,
  ): Promise<HandledRequest>;
  /** Tells people about an authenticated request that was refused before it was parsed. */
  reportRefusal(caller: Caller, error: StatusError, entry: LogEntry): Promise<unknown>;
}

export function createHandler({ rules, deps, limits }: HandlerOptions): CommandHandler {
  const policy = createPolicy(rules);
  const { clock } = deps;

  async function authenticate(
    caller: Caller,
    head: RequestHead,
    entry: LogEntry,
  ): Promise<HeadAuthentication | HttpResponse> {
    try {
      return await caller.authenticate(head);
    } catch (thrown) {
      return caller.renderError(addErrorFields(entry, StatusError.from(thrown)));
    }
  }

  async function handle(
    caller: Caller,
    authentication: HeadAuthentication,
    request: WebhookRequest,
    entry: LogEntry,
  ): Promise<HandledRequest> {
    let interaction: Interaction | undefined;
    try {
      const principal = authentication.authenticate(request.body);
      if (principal.identities[0] !== undefined) entry.principal = principal.identities[0];

      interaction = caller.parse(request, principal);
      const { command, alert, agent } = interaction;
      addCommandFields(entry, command, alert, agent);
      if (interaction.note !== undefined) entry.message = interaction.note;

      const { signal } = request;
      const { callback, mode } = caller;
      const shared = { principal, policy, deps, limits };
      const ctx: OperationContext = { ...shared, callback, mode, alert, agent, entry, signal };
      const result = dispatch(command, ctx);

      return await respond(caller, interaction, result, request.receivedAt, entry);
    } catch (thrown) {
      const error = addErrorFields(entry, StatusError.from(thrown));
      if (error.alert) addAlertField(entry, error.alert);
      return {
        response: interaction?.respondError
          ? await interaction.respondError(error)
          : caller.renderError(error),
        pendingTasks: notifyOutcome(caller, interaction, error, entry),
      };
    }
  }

  /** Responds with the result, or, where the sender does not wait that long, with what is known. */
  async function respond(
    caller: Caller,
    interaction: Interaction,
    result: Promise<CommandResult>,
    receivedAt: number,
    entry: LogEntry,
  ): Promise<HandledRequest> {
    const settled = result.catch((thrown: unknown) => StatusError.from(thrown));
    const first = await raceDeadline(settled, interaction.respondBy);
    if (first instanceof StatusError) throw first;
    if (first.kind !== 'deadline-exceeded') {
      if (needsApproval(first))
        await requestApproval(caller, interaction, first, entry, receivedAt, clock.now());
      addResultFields(entry, first);
      const response = await interaction.respond(first);
      if (needsApproval(first)) return { response };
      return { response, pendingTasks: notifyOutcome(caller, interaction, first, entry) };
    }
    const pendingTasks = settled.then(async (late) => {
      if (late instanceof StatusError) addErrorFields(entry, late);
      else addResultFields(entry, late);
      await interaction.onLateResult?.(late);
    });
    return {
      response: await interaction.respond(first),
      pendingTasks: pendingTasks.catch(() => {}),
    };
  }

  /** @param deadline milliseconds since 1970; undefined: none */
  async function raceDeadline<T>(
    settled: Promise<T>,
    deadline: number | undefined,
  ): Promise<T | CommandResult> {
    if (deadline === undefined) return settled;
    const timer = new AbortController();
    const timeout = clock.sleep(deadline - clock.now(), timer.signal);
    const exceeded = timeout.then((): CommandResult => ({ kind: 'deadline-exceeded' }));
    const first = await Promise.race([settled, exceeded]);
    timer.abort();
    return first;
  }

  const reportRefusal: CommandHandler['reportRefusal'] = (caller, error, entry) =>
    notifyOutcome(caller, undefined, error, entry);

  return { authenticate, handle, reportRefusal };
}

async function dispatch(command: Command, ctx: OperationContext): Promise<CommandResult> {
  switch (command.kind) {
    case 'cancel':
      return executeCancel(command, ctx);
    case 'cancel-many':
      return { kind: 'cancel-many', items: await cancelMany(command, ctx) };
    case 'sweep':
      return { kind: 'sweep', report: await sweep(command, ctx) };
    case 'status':
      return status(command, ctx);
    case 'list':
      return list(command, ctx);
    case 'explain':
      return explain(command, ctx);
    case 'refuse':
      throw command.error;
    case 'noop':
      return { kind: 'noop' };
  }
}

async function executeCancel(
  command: CancelCommand,
  ctx: OperationContext,
): Promise<CommandResult> {
  const call = callOptions(ctx, command.reason);
  const { permit, fetched } = await authorize(command.operation, call, ctx).catch(throwNotSent);
  ctx.entry.rule = ruleName(permit.rule);
  const validateOnly = command.validateOnly || ctx.mode !== 'enforce';
  const allowed = { ...command, validateOnly };
  const result = await cancel(permit, allowed, fetched, call, ctx.deps, ctx.signal);
  if (result.outcome !== 'WOULD_CANCEL') return { kind: 'cancel', ...result };
  const outcome = dryRunOutcome(ctx.mode, command.validateOnly);
  // Each proposal is a message to people.
  if (outcome === 'ASKED') ctx.deps.rateLimiter.count(permit.caller);
  return { kind: 'cancel', ...result, outcome };
}

/** Reads an operation. Who may cancel it may look at it. */
async function status({ operation }: StatusCommand, ctx: OperationContext): Promise<CommandResult> {
  const call = callOptions(ctx);
  const { permit, fetched } = await authorize(operation, call, ctx);
  ctx.entry.rule = ruleName(permit.rule);
  const { state } = fetched ?? (await fetchResource(operation, call, ctx.deps));
  return { kind: 'status', state };
}
