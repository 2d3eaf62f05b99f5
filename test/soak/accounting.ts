/** What was asked, answered, written and done: and whether it adds up in the end. */

import { randomBytes } from 'node:crypto';
import type { RecordedRequest } from '../emulator/index.ts';
import type { LogLine } from '../support/function.ts';

export type Kind = 'allowed' | 'denied' | 'unauthenticated' | 'unreadable' | 'sweep' | 'other';

export interface SentRequest {
  readonly trace: string;
  readonly kind: Kind;
  /** What it named, or should sweep; nothing else ever names these. */
  readonly operations: readonly string[];
  /** When its sender left. */
  readonly left?: Left | undefined;
  /** The statuses of its answers. */
  readonly answers: number[];
}

interface Left {
  readonly moment: string;
  /** Whether the function must have read the head of the request. */
  readonly read: boolean;
}

/** What upstream was asked for one operation. */
interface Reached {
  cancels: number;
  /** The last cancel, and the last read. */
  readonly last: Record<string, RecordedRequest>;
}

const DURING_AUTHENTICATION = 'during authentication';

const MOST_ATTEMPTS = 3;
/**
 * The retry budget, as the contract promises it: a tenth of the calls, and ten to start from. What
 * arrives is not in the order in which it was sent, so that a few more can be seen at one time.
 */
const BUDGET = { perCall: 0.1, allowance: 10, disorder: 5 };

export class Accounting {
  readonly asked: SentRequest[] = [];
  readonly #reached = new Map<string, Reached>();
  calls = 0;
  retries = 0;
  #left = BUDGET.allowance;
  #least = BUDGET.allowance;

  /** Takes down a request that is about to be sent. */
  add({ kind, operations }: Pick<SentRequest, 'kind' | 'operations'>, left?: Left): SentRequest {
    const asked = { trace: randomBytes(16).toString('hex'), kind, operations, left, answers: [] };
    this.asked.push(asked);
    return asked;
  }

  /** Takes down what the emulator was asked, which may then forget it. */
  take(requests: readonly RecordedRequest[]): void {
    for (const request of requests) {
      const [, name, cancel] = /^\/v1\/(projects\/.+?)(:cancel)?$/.exec(request.path) ?? [];
      if (!name) continue;
      const reached = this.#reached.get(name) ?? { cancels: 0, last: {} };
      this.#reached.set(name, reached);
      if (cancel) reached.cancels += 1;
      this.#spend(reached.last[request.method]?.status);
      reached.last[request.method] = request;
    }
  }

  /** @param before what the same was answered with before: whoever was told 503 or 504 asks again */
  #spend(before: number | undefined): void {
    this.calls += 1;
    const isRetry = before === 503 || before === 504;
    if (isRetry) {
      this.retries += 1;
      this.#left -= 1;
    } else this.#left = Math.min(this.#left + BUDGET.perCall, BUDGET.allowance);
    this.#least = Math.min(this.#least, this.#left);
  }

  count(kind: Kind): number {
    return this.asked.filter((asked) => asked.kind === kind).length;
  }

  /**
   * Counts the requests whose senders left, by moment. One that arrived whole and was not read to its
   * end lost its sender during authentication.
   */
  countLeft(lines: readonly LogLine[]): Record<string, number> {
    const unread = new Set(
      lines
        .filter(({ error }) => error === 'MALFORMED_BODY')
        .map((line) => line['logging.googleapis.com/trace']),
    );
    const counts: Record<string, number> = {};
    for (const { trace, kind, left } of this.asked) {
      if (!left) continue;
      counts[left.moment] = (counts[left.moment] ?? 0) + 1;
      if (left.moment !== 'before the response' || kind === 'unreadable') continue;
      if (unread.has(trace))
        counts[DURING_AUTHENTICATION] = (counts[DURING_AUTHENTICATION] ?? 0) + 1;
    }
    return counts;
  }

  /** What was promised and is not so. */
  violations(lines: readonly LogLine[]): string[] {
    const found: string[] = [];
    const written = new Map<unknown, LogLine[]>();
    for (const line of lines) {
      const trace = line['logging.googleapis.com/trace'];
      written.set(trace, [...(written.get(trace) ?? []), line]);
    }
    for (const asked of this.asked) {
      const own = written.get(asked.trace) ?? [];
      for (const wrong of [...this.#miscounted(asked, own), ...this.#misdone(asked, own[0])]) {
        found.push(`${asked.kind} ${asked.trace}: ${wrong}`);
      }
    }
    if (this.#least < -BUDGET.disorder) {
      found.push(`${(-this.#least).toFixed(1)} retries more than the budget had`);
    }
    for (const line of lines) {
      if (line.error === 'INTERNAL') found.push(`a fault of the hook: ${JSON.stringify(line)}`);
    }
    return found;
  }

  #miscounted({ left, answers }: SentRequest, lines: readonly LogLine[]): string[] {
    const found: string[] = [];
    if (answers.length !== (left ? 0 : 1)) found.push(`${answers.length} answers`);
    const isRead = left?.read ?? true;
    if (lines.length > 1 || (isRead && lines.length < 1)) {
      found.push(`${lines.length} log lines${left ? `, left ${left.moment}` : ''}`);
    }
    return found;
  }

  #misdone({ kind, operations, left }: SentRequest, line: LogLine | undefined): string[] {
    return operations.flatMap((name) => {
      const { cancels = 0 } = this.#reached.get(name) ?? {};
      if (cancels > MOST_ATTEMPTS) return [`${cancels} cancels of ${name}`];
      if (kind !== 'allowed') {
        const wrong = kind !== 'sweep' && this.#reached.has(name);
        return wrong ? [`upstream was asked about ${name}`] : [];
      }
      // What failed may have done so before its cancel: for want of a token, or at the read before it.
      const excused = left !== undefined || line?.error !== undefined;
      return cancels === 0 && !excused ? [`no cancel of ${name}: ${JSON.stringify(line)}`] : [];
    });
  }
}
