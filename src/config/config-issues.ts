/** What is wrong with a configuration, and which parts of it are valid all the same. */

import { isRecord } from '../validation/json.ts';
import { type ConfigIssue, jsonPath } from '../validation/validator.ts';

type Path = ConfigIssue['path'];

/** Holds every issue with its path; never a secret's value. */
export class ConfigError extends Error {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(`The configuration is invalid:\n${issues.map(formatIssue).join('\n')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

export function formatIssue({ path, message, position }: ConfigIssue): string {
  const place = position ? ` (line ${position.line}, column ${position.column})` : '';
  return `${jsonPath(path)} ${message}${place}`;
}

export interface ValidityFilter {
  /** Whether neither the value at the path nor any part of it has an issue. */
  isValid(...path: Path): boolean;
  /** Returns the properties of an object that have no issue. */
  validEntries<T extends object>(part: T | undefined, ...path: Path): Partial<T>;
}

export function createValidityFilter(issues: readonly ConfigIssue[]): ValidityFilter {
  const invalid = new Set(
    issues.flatMap(({ path }) => path.map((_, index) => jsonPath(path.slice(0, index + 1)))),
  );
  const isValid = (...path: Path) => invalid.size === 0 || !invalid.has(jsonPath(path));
  return {
    isValid,
    validEntries<T extends object>(part: T | undefined, ...path: Path) {
      const entries = Object.entries(isRecord(part) ? part : {});
      return Object.fromEntries(entries.filter(([key]) => isValid(...path, key))) as Partial<T>;
    },
  };
}
