/** What a configuration is read amid. */

import type { Clock } from '../clock.ts';
import type { KeySource } from '../proofs/google-keys.ts';
import type { openSecret } from '../proofs/secret.ts';
import type { Setup } from '../setup.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Google's public keys, by the address that serves them. */
  readonly keySource: (url: URL) => KeySource;
  readonly post: Setup['post'];
  readonly log: (severity: 'WARNING' | 'ERROR', message: string) => void;
  /** Absent: references to secrets are opened. */
  readonly openSecret?: typeof openSecret;
}
