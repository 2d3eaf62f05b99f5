/** What callers and their authenticators are created with, at start. */

import type { KeySet } from './auth/key-set.ts';
import type { Secret, SecretRefs } from './auth/secret.ts';
import type { Clock } from './clock.ts';
import type { Endpoints } from './config/endpoints.ts';

/** Every fault that they find is reported at once. */
export interface CallerDeps {
  readonly clock: Clock;
  readonly googleKeys: KeySet;
  /** Google Chat signs with keys of its own where the audience is a project's number. */
  readonly chatKeys: KeySet;
  /** Sends JSON text to an address and tells the answer's HTTP status, undefined where none came. */
  readonly post: (url: URL, body: string, timeout: number) => Promise<number | undefined>;
  readonly endpoints: Endpoints;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  /**
   * Opens references to a secret. A fault is noted where one is missing, empty, or where `check`
   * has something against its value.
   */
  secret(
    path: readonly (string | number)[],
    refs: SecretRefs,
    check?: (value: string) => string | undefined,
  ): Secret;
  /** Notes a fault that the settings' schema cannot see. */
  addError(at: readonly (string | number)[], message: string): void;
  /** Said once at start, where an operator should know what a setting relies on. */
  warn(at: readonly (string | number)[], message: string): void;
}
