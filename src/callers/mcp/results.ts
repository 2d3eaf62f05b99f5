/** The results of tools: fields of the tool's output schema, or an error, and what to do next. */

import type { HttpResponse } from '../../caller.ts';
import type { CancelResult, CommandResult, RunningOperation } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import type { Fields } from './json-rpc.ts';
import type { ToolName } from './tools.ts';

type ResourceState = NonNullable<CancelResult['state']>;

interface ToolResult {
  readonly fields: Fields;
  readonly isError: boolean;
  /** The outcome or the error once more, for programs that do not read the body. */
  readonly headers: HttpResponse['headers'];
}

export function renderResult(
  tool: ToolName,
  given: Fields,
  result: CommandResult | StatusError,
): ToolResult {
  if (result instanceof Error) return renderError(tool, result);
  const { name } = given;
  switch (result.kind) {
    case 'list':
      return ok(renderList(given.parent, result));
    case 'status':
      return ok({ name, ...renderState(result.state), next: nextOfState(result.state) });
    case 'explain':
      return ok(renderExplanation(name, result));
    case 'cancel': {
      const { outcome, state } = result;
      const evidence = state && { evidence: renderState(state) };
      const fields = { name, outcome, ...evidence, next: NEXT[outcome] };
      return { ...ok(fields), headers: { 'Cancel-Outcome': outcome } };
    }
    default:
      throw new Error(`no tool asks for ${result.kind}`);
  }
}

function ok(fields: Fields): ToolResult {
  return { fields, isError: false, headers: {} };
}

const READ_LATER =
  'Call get_operation in some seconds: only its state tells whether it has stopped.';

const NEXT: Readonly<Record<CancelResult['outcome'], string>> = {
  CANCEL_REQUESTED: `Google Cloud accepted the request. ${READ_LATER}`,
  PENDING: `Google Cloud accepted the request, and it still runs. ${READ_LATER}`,
  CANCELLED: 'It was cancelled. Nothing is left to do.',
  COMPLETED: 'It finished its work before it could stop. Nothing is left to cancel.',
  FAILED: 'It failed before it could be cancelled. Nothing is left to cancel.',
  ALREADY_DONE: 'It had ended before. Nothing is left to cancel.',
  WOULD_CANCEL: 'Nothing was cancelled: the function only observes. Tell a person.',
  ASKED:
    'Nothing was cancelled. People were asked, and decide. Call get_operation later to see what became of it. Do not propose it again.',
};

type Explanation = Extract<CommandResult, { kind: 'explain' }>;

const MODES: Readonly<Record<Explanation['mode'], string>> = {
  enforce: 'You may cancel it: call cancel_operation with a reason.',
  ask: 'You may propose it: call cancel_operation with a reason. People decide.',
  observe: 'You may cancel it by the rules, but the function only observes and cancels nothing.',
};

const INSTEAD =
  'Call list_running to find what you may cancel. Only a person who maintains the allowlist can change what you may do.';

function renderExplanation(name: unknown, explanation: Explanation): Fields {
  const { mode, rule, denial, rules, moreRules } = explanation;
  const { condition, hint } = denial?.metadata ?? {};
  const { shown, omitted } = fit(rules);
  const own = { yourRules: shown, moreRules: moreRules + omitted };
  return denial
    ? { name, allowed: false, mode, condition, hint, ...own, next: INSTEAD }
    : { name, allowed: true, mode, rule, ...own, next: MODES[mode] };
}

/** Of a list in JSON. The text repeats it, with its quotes escaped, and the response stays below 64 KiB. */
const MAX_LIST_BYTES = 16_000;

function fit<T>(items: readonly T[]): { shown: readonly T[]; omitted: number } {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return bytes > MAX_LIST_BYTES;
  });
  const shown = end < 0 ? items : items.slice(0, end);
  return { shown, omitted: items.length - shown.length };
}

function renderList(
  parent: unknown,
  { found, more }: Extract<CommandResult, { kind: 'list' }>,
): Fields {
  const all = found.map(({ name, ...state }) => ({ name, ...renderFacts(state) }));
  const { shown, omitted } = fit(all);
  const next =
    shown.length > 0
      ? 'Call explain or cancel_operation with a name from this list.'
      : 'Nothing that you may cancel is running here.';
  return { parent, operations: shown, more: more + omitted, next };
}

function nextOfState({ ended, cancelRequested }: ResourceState): string {
  if (ended) return 'It has ended. Nothing is left to cancel.';
  return cancelRequested
    ? 'Its cancellation was requested, and it still runs. Call get_operation again in some seconds.'
    : 'It runs. Call explain to see whether and how you may cancel it.';
}

function renderState(state: ResourceState): Fields {
  const { ended, cancelRequested } = state;
  return {
    state: ended ?? 'RUNNING',
    ...(cancelRequested !== undefined && { cancelRequested }),
    ...renderFacts(state),
  };
}

/** RFC 3339; other text of upstream is not repeated as a time. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(Z|[+-]\d\d:\d\d)$/;

function renderFacts(state: ResourceState | Omit<RunningOperation, 'name'>): Fields {
  const { createTime = '', verb, target } = state;
  const message = 'message' in state ? state.message : undefined;
  return { ...(TIME.test(createTime) && { createTime }), ...untrusted({ verb, target, message }) };
}

const MAX_UNTRUSTED = 500;
/** Control characters, and those that nobody sees but a model reads. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu;

/** Marks what Google Cloud or a third party wrote as data, and bounds it. */
function untrusted(texts: Readonly<Record<string, string | undefined>>): Fields {
  const marked = Object.entries(texts).flatMap(([key, text]) => {
    if (text === undefined || text === '') return [];
    const visible = text
      .slice(0, 2 * MAX_UNTRUSTED)
      .toWellFormed()
      .replace(INVISIBLE, ' ');
    return [[key, visible.slice(0, MAX_UNTRUSTED).toWellFormed()]];
  });
  return marked.length > 0 ? { untrusted: Object.fromEntries(marked) } : {};
}

function renderError(tool: ToolName, error: StatusError): ToolResult {
  const { reason, status } = error;
  const seconds = retryAfterOf(error);
  const next = `${nextOfError(tool, error)}${seconds === undefined ? '' : ` Wait ${seconds} s before that.`}`;
  const canonical = /^[A-Z_]{1,40}$/.test(status) ? status : 'UNKNOWN';
  return {
    fields: {
      error: reason === 'UPSTREAM' ? upstreamError(error, canonical) : ownError(error),
      next,
    },
    isError: true,
    headers: {
      'Cancel-Error': reason === 'UPSTREAM' ? canonical : reason,
      ...(seconds !== undefined && { 'Retry-After': seconds }),
    },
  };
}

/** The function's own error. What upstream wrote in it is marked. */
function ownError(error: StatusError): Fields {
  const { upstreamMessage, ...metadata } = error.metadata;
  const { details, ...fields } = error.toJSON() as { details: readonly Fields[] };
  const [info, ...others] = details;
  return {
    ...fields,
    details: [{ ...info, metadata }, ...others],
    ...untrusted({ message: upstreamMessage }),
  };
}

function upstreamError({ code, message }: StatusError, status: string): Fields {
  const own = `Google Cloud refused the request: ${code} ${status}.`;
  return { code, status, message: own, ...untrusted({ message }) };
}

function nextOfError(tool: ToolName, { reason, code, retryable, sent }: StatusError): string {
  if (reason === 'NOT_ALLOWED') {
    const explain = tool === 'explain' ? '' : 'Call explain: it lists the rules that are for you. ';
    return `${explain}${INSTEAD}`;
  }
  if (reason === 'RATE_LIMITED') {
    return 'Nothing was sent. Tell a person now if more than these must stop; else call the tool again later.';
  }
  if (reason === 'INVALID_REQUEST') return 'Correct the arguments that the error names.';
  if (retryable && tool === 'cancel_operation' && sent !== false && code !== 429) {
    return 'It is not known whether the cancellation was requested. Call get_operation first.';
  }
  if (retryable) return 'Nothing was done. Call the tool again later.';
  if (code === 404) return 'Check the name. Call list_running to find what is running.';
  return 'Do not repeat the call. Tell a person.';
}

function retryAfterOf({ headers: { 'Retry-After': seconds } }: StatusError): string | undefined {
  return /^\d{1,6}$/.test(seconds ?? '') ? seconds : undefined;
}
