/** One request's way, as lines one can read aloud. Knows no HTTP, no vendor. */

import { cancel, type Dependencies } from './actions/cancel.ts';
import { cancelMany } from './actions/cancel-many.ts';
import { authorize, callOptions, type Limits, type OperationContext } from './actions/context.ts';
import { frugally } from './actions/frugally.ts';
import { list } from './actions/list.ts';
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
import { addCommandFields, addErrorFields, addResultFields } from './log-fields.ts';
import { createPolicy } from './policy/policy.ts';
import { type Rule, ruleName } from './policy/rule.ts';

export interface HandlerOptions {
  readonly rules: readonly Rule[];
  readonly deps: Dependencies;
  readonly limits: Limits;
}

export interface HandledRequest {
  readonly response: HttpResponse;
  /** Work that goes on after the reply: when it ends, the entry is complete. Never rejects. */
  readonly pendingTasks?: Promise<void>;
}

/** Answers always, in the caller's own tongue; what was learned on the way is left in the entry. */
export interface CommandHandler {
  /** Before the body is read. @returns the refusal, where the head shows that nobody good sent it */
  authenticate(
    caller: Caller,
    head: RequestHead,
    entry: LogEntry,
  ): Promise<HeadAuthentication | HttpResponse>;
  handle(
    caller: Caller,
    head: HeadAuthentication,
    request: WebhookRequest,
    entry: LogEntry,
  ): Promise<HandledRequest>;
}

export function createHandler({ rules, deps, limits }: HandlerOptions): CommandHandler {
  const policy = createPolicy(rules);

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
    head: HeadAuthentication,
    request: WebhookRequest,
    entry: LogEntry,
  ): Promise<HandledRequest> {
    try {
      const principal = head.authenticate(request.body);
      if (principal.identities[0] !== undefined) entry.principal = principal.identities[0];
      const interaction = caller.parse(request, principal);
      addCommandFields(entry, interaction.command);
      const { signal } = request;
      const { callback } = caller;
      const ctx: OperationContext = { principal, policy, deps, limits, callback, entry, signal };
      return await respond(interaction, dispatch(interaction.command, ctx), ctx);
    } catch (thrown) {
      return { response: caller.renderError(addErrorFields(entry, StatusError.from(thrown))) };
    }
  }

  /** Answers with what came of it, or, where the sender's patience ends before, with what is known. */
  async function respond(
    { respond, respondBy, respondError, onLateResult }: Interaction,
    work: Promise<CommandResult>,
    { entry }: OperationContext,
  ): Promise<HandledRequest> {
    const settled = work.catch((thrown: unknown) => StatusError.from(thrown));
    const first = respondBy === undefined ? await settled : await raceDeadline(respondBy, settled);
    if (first instanceof StatusError) {
      if (!respondError) throw first;
      return { response: await respondError(addErrorFields(entry, first)) };
    }
    if (first.kind !== 'unfinished') {
      addResultFields(entry, first);
      return { response: await respond(first) };
    }
    const pendingTasks = settled.then(async (learned) => {
      if (learned instanceof StatusError) addErrorFields(entry, learned);
      else addResultFields(entry, learned);
      await onLateResult?.(learned);
    });
    return { response: await respond(first), pendingTasks: pendingTasks.catch(() => {}) };
  }

  async function raceDeadline<T>(time: number, settled: Promise<T>): Promise<T | CommandResult> {
    const enough = new AbortController();
    const timeIsOver = deps.clock.sleep(time - deps.clock.now(), enough.signal);
    const first = await Promise.race([
      settled,
      timeIsOver.then((): CommandResult => ({ kind: 'unfinished' })),
    ]);
    enough.abort();
    return first;
  }

  return { authenticate, handle };
}

async function dispatch(command: Command, ctx: OperationContext): Promise<CommandResult> {
  switch (command.kind) {
    case 'cancel':
      return executeCancel(command, ctx);
    case 'alert':
      return { kind: 'alert', items: await cancelMany(command, ctx) };
    case 'sweep':
      return { kind: 'sweep', report: await frugally(() => sweep(command, ctx)) };
    case 'status':
      return status(command, ctx);
    case 'list':
      return list(command, ctx);
    case 'nothing':
      return { kind: 'nothing' };
  }
}

async function executeCancel(
  command: CancelCommand,
  ctx: OperationContext,
): Promise<CommandResult> {
  const call = callOptions(ctx, command.reason);
  const { permit, reading } = await authorize(command.operation, call, ctx);
  ctx.entry.rule = ruleName(permit.rule);
  const answered = await cancel(permit, command, reading, call, ctx.deps, ctx.signal);
  return { kind: 'cancel', ...answered };
}

/** Who may cancel an operation may look at it. */
async function status({ operation }: StatusCommand, ctx: OperationContext): Promise<CommandResult> {
  const call = callOptions(ctx);
  const { permit, reading } = await authorize(operation, call, ctx);
  ctx.entry.rule = ruleName(permit.rule);
  const { value } = reading ?? (await ctx.deps.upstream.get(operation, call));
  return { kind: 'status', operation: value };
}
