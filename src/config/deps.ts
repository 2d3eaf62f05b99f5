/** What a configuration is read amid. */

import type { KeySource } from '../auth/key-set.ts';
import type { openSecret } from '../auth/secret.ts';
import type { Setup } from '../caller-deps.ts';
import type { Clock } from '../clock.ts';

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
