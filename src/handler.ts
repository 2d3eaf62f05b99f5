/** One request's way, as lines one can read aloud. Knows no HTTP, no vendor. */

import { cancel, type Doors } from './actions/cancel.ts';
import { alert } from './actions/cancel-many.ts';
import { type Case, callOf, type HookLimits, permitted } from './actions/context.ts';
import { frugally } from './actions/frugally.ts';
import { list } from './actions/list.ts';
import { sweep } from './actions/sweep.ts';
import type { Admission, Caller, Conversation, Head, Incoming, Reply } from './caller.ts';
import type { Answer, Ask, CancelAsk, StatusAsk } from './command.ts';
import { StatusError } from './errors.ts';
import type { Entry } from './log.ts';
import { noteAnswer, noteAsk, noteError } from './log-fields.ts';
import { policyOf } from './policy/policy.ts';
import { type Rule, ruleName } from './policy/rule.ts';

export interface HookOptions {
  readonly rules: readonly Rule[];
  readonly doors: Doors;
  readonly limits: HookLimits;
}

export interface Spoken {
  readonly reply: Reply;
  /** Work that goes on after the reply: when it ends, the entry is complete. Never rejects. */
  readonly rest?: Promise<void>;
}

/** Answers always, in the caller's own tongue; what was learned on the way is left in the entry. */
export interface Hook {
  /** Before the body is read. @returns the refusal, where the head shows that nobody good sent it */
  authenticate(caller: Caller, head: Head, entry: Entry): Promise<Admission | Reply>;
  serve(caller: Caller, admission: Admission, incoming: Incoming, entry: Entry): Promise<Spoken>;
}

export function createHook({ rules, doors, limits }: HookOptions): Hook {
  const policy = policyOf(rules);

  async function authenticate(
    caller: Caller,
    head: Head,
    entry: Entry,
  ): Promise<Admission | Reply> {
    try {
      return await caller.authenticate(head);
    } catch (thrown) {
      return caller.refuse(noteError(entry, StatusError.from(thrown)));
    }
  }

  async function serve(
    caller: Caller,
    admission: Admission,
    incoming: Incoming,
    entry: Entry,
  ): Promise<Spoken> {
    try {
      const principal = admission.identify(incoming.body);
      if (principal.identities[0] !== undefined) entry.principal = principal.identities[0];
      const conversation = caller.read(incoming, principal);
      noteAsk(entry, conversation.ask);
      const { signal } = incoming;
      const { callback } = caller;
      const file: Case = { principal, policy, doors, limits, callback, entry, signal };
      return await converse(conversation, perform(conversation.ask, file), file);
    } catch (thrown) {
      return { reply: caller.refuse(noteError(entry, StatusError.from(thrown))) };
    }
  }

  /** Answers with what came of it, or, where the sender's patience ends before, with what is known. */
  async function converse(
    { answer, answerBy, refuse, late }: Conversation,
    work: Promise<Answer>,
    { entry }: Case,
  ): Promise<Spoken> {
    const settled = work.catch((thrown: unknown) => StatusError.from(thrown));
    const first = answerBy === undefined ? await settled : await knownBy(answerBy, settled);
    if (first instanceof StatusError) {
      if (!refuse) throw first;
      return { reply: await refuse(noteError(entry, first)) };
    }
    if (first.kind !== 'unfinished') {
      noteAnswer(entry, first);
      return { reply: await answer(first) };
    }
    const rest = settled.then(async (learned) => {
      if (learned instanceof StatusError) noteError(entry, learned);
      else noteAnswer(entry, learned);
      await late?.(learned);
    });
    return { reply: await answer(first), rest: rest.catch(() => {}) };
  }

  async function knownBy<T>(time: number, settled: Promise<T>): Promise<T | Answer> {
    const enough = new AbortController();
    const timeIsOver = doors.clock.sleep(time - doors.clock.now(), enough.signal);
    const first = await Promise.race([
      settled,
      timeIsOver.then((): Answer => ({ kind: 'unfinished' })),
    ]);
    enough.abort();
    return first;
  }

  return { authenticate, serve };
}

async function perform(ask: Ask, file: Case): Promise<Answer> {
  switch (ask.kind) {
    case 'cancel':
      return cancelOne(ask, file);
    case 'alert':
      return { kind: 'alert', items: await alert(ask, file) };
    case 'sweep':
      return { kind: 'sweep', report: await frugally(() => sweep(ask, file)) };
    case 'status':
      return status(ask, file);
    case 'list':
      return list(ask, file);
    case 'nothing':
      return { kind: 'nothing' };
  }
}

async function cancelOne(ask: CancelAsk, file: Case): Promise<Answer> {
  const call = callOf(file, ask.reason);
  const { permit, reading } = await permitted(ask.operation, call, file);
  file.entry.rule = ruleName(permit.rule);
  const answered = await cancel(permit, ask, reading, call, file.doors, file.signal);
  return { kind: 'cancel', ...answered };
}

/** Who may cancel an operation may look at it. */
async function status({ operation }: StatusAsk, file: Case): Promise<Answer> {
  const call = callOf(file);
  const { permit, reading } = await permitted(operation, call, file);
  file.entry.rule = ruleName(permit.rule);
  const { value } = reading ?? (await file.doors.upstream.get(operation, call));
  return { kind: 'status', operation: value };
}
