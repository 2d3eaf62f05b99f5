/** Of a configuration that has issues: the parts that the schema has nothing against. */

import { isRecord } from '../validation/json.ts';
import { type ConfigIssue, jsonPath } from '../validation/validator.ts';

type Path = ConfigIssue['path'];

export interface ValidityFilter {
  /** Whether what stands at the path has no fault, in any of its parts either. */
  isValid(...path: Path): boolean;
  /** An object's properties that have none. */
  validEntries<T extends object>(part: T | undefined, ...path: Path): Partial<T>;
}

export function createValidityFilter(issues: readonly ConfigIssue[]): ValidityFilter {
  const invalid = new Set(
    issues.flatMap(({ path }) => path.map((_, at) => jsonPath(path.slice(0, at + 1)))),
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
