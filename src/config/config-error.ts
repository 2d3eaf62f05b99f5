import { type Fault, jsonPath } from '../validation/validator.ts';

/** Every fault with its JSONPath; never a secret's value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  readonly found: readonly Fault[];

  constructor(found: readonly Fault[]) {
    const lines = found.map(({ path, message }) => `${jsonPath(path)} ${message}`);
    super(`The configuration is faulty:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.faults = lines;
    this.found = found;
  }
}
