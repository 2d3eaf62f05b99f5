/** One request's way, as lines one can read aloud. Knows no HTTP, no vendor. */

import { alert } from './alert.ts';
import type { Answer, Ask, CancelAsk, StatusAsk } from './ask.ts';
import type { Caller, Conversation, Incoming, Reply } from './caller.ts';
import { type Case, callOf, type HookLimits, permitted } from './case.ts';
import { list } from './list.ts';
import type { Entry } from './log.ts';
import { noteAnswer, noteAsk, noteError } from './notes.ts';
import { cancel, type Doors } from './operations.ts';
import { type Rule, ruleName } from './policy.ts';
import { StatusError } from './status.ts';
import { sweep } from './sweep.ts';

export interface HookOptions {
  readonly rules: readonly Rule[];
  readonly doors: Doors;
  readonly limits: HookLimits;
}

/** Answers always, in the caller's own tongue; what was learned on the way is left in the entry. */
export type Hook = (caller: Caller, incoming: Incoming, entry: Entry) => Promise<Reply>;

export function createHook({ rules, doors, limits }: HookOptions): Hook {
  return async (caller, incoming, entry) => {
    try {
      const principal = await caller.authenticate(incoming);
      if (principal.identities[0] !== undefined) entry.principal = principal.identities[0];
      const conversation = caller.read(incoming, principal);
      noteAsk(entry, conversation.ask);
      const { signal } = incoming;
      const file: Case = { principal, rules, doors, limits, entry, signal };
      return await converse(conversation, perform(conversation.ask, file), file, caller);
    } catch (thrown) {
      return caller.refuse(noteError(entry, StatusError.from(thrown)));
    }
  };
}

/** Answers with what came of it, or, where the sender's patience ends before, with what is known. */
async function converse(
  { answer, answerBy, refuse = undefined, late }: Conversation,
  work: Promise<Answer>,
  { entry, doors: { clock } }: Case,
  caller: Caller,
): Promise<Reply> {
  const settled = work.catch((thrown: unknown) => StatusError.from(thrown));
  const enough = new AbortController();
  const first =
    answerBy === undefined
      ? await settled
      : await Promise.race([
          settled,
          clock
            .sleep(answerBy - clock.now(), enough.signal)
            .then((): Answer => ({ kind: 'unfinished' })),
        ]);
  enough.abort();
  if (first instanceof StatusError) {
    noteError(entry, first);
    return (refuse ?? caller.refuse)(first);
  }
  noteAnswer(entry, first);
  if (first.kind === 'unfinished') void settled.then((learned) => late?.(learned));
  return answer(first);
}

async function perform(ask: Ask, file: Case): Promise<Answer> {
  switch (ask.kind) {
    case 'cancel':
      return cancelOne(ask, file);
    case 'alert':
      return { kind: 'alert', items: await alert(ask, file) };
    case 'sweep':
      return { kind: 'sweep', report: await sweep(ask, file) };
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
