/** How the emulated Google Cloud responds to the function: as usual, or with a fault. */

import type { Behaviour, Emulator } from '../emulator/index.ts';
import { Refusal } from './guard.ts';

interface Condition {
  readonly label: string;
  readonly behaviour?: Behaviour;
  /** The metadata server gives no token, and the one before is not accepted any more. */
  readonly withoutToken?: true;
}

const SLOW_MS = 2_000;

const CONDITIONS: Readonly<Record<string, Condition>> = {
  usual: { label: 'responds as usual' },
  slow: { label: 'is slow (2 s)', behaviour: { delay: SLOW_MS } },
  unavailable: { label: 'responds 503', behaviour: { status: 503 } },
  hanging: { label: 'never responds', behaviour: { hang: 'before' } },
  tokenless: { label: 'gives no access token', withoutToken: true },
};

/** The console's own requests to the emulator are never disturbed. */
export const CONSOLE_TOKEN = 'Bearer console';

export class Upstream {
  readonly conditions = Object.entries(CONDITIONS).map(([id, { label }]) => ({ id, label }));
  readonly #emulator: Emulator;
  #now = 'usual';
  #clear: () => void = () => {};

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  get now(): string {
    return this.#now;
  }

  /** @throws Refusal 400 */
  choose(id: string): void {
    const condition = Object.hasOwn(CONDITIONS, id) ? CONDITIONS[id] : undefined;
    if (!condition) throw new Refusal(400, 'There is no such condition.');
    this.#clear();
    this.#clear = this.#start(condition);
    this.#now = id;
  }

  #start({ behaviour, withoutToken }: Condition): () => void {
    const { metadata, tokens } = this.#emulator;
    if (withoutToken) {
      metadata.status = 503;
      tokens.revoke();
      return () => {
        metadata.status = undefined;
      };
    }
    if (!behaviour) return () => {};
    const script = this.#emulator.script(
      ({ headers: { authorization = '' } }) =>
        authorization.startsWith('Bearer ') && authorization !== CONSOLE_TOKEN,
      behaviour,
      { repeat: true },
    );
    return () => script.remove();
  }
}
