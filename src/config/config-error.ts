import { type ConfigIssue, jsonPath } from '../validation/validator.ts';

/** Every fault with its JSONPath; never a secret's value. */
export class ConfigError extends Error {
  readonly messages: readonly string[];
  readonly issues: readonly ConfigIssue[];

  constructor(found: readonly ConfigIssue[]) {
    const lines = found.map(({ path, message }) => `${jsonPath(path)} ${message}`);
    super(`The configuration is faulty:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.messages = lines;
    this.issues = found;
  }
}
