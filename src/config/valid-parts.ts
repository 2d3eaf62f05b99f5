/** Of a configuration that has faults: the parts that the schema has nothing against. */

import { isRecord } from '../validation/json.ts';
import { type Fault, jsonPath } from '../validation/validator.ts';

type Path = Fault['path'];

export interface Sound {
  /** Whether what stands at the path has no fault, in any of its parts either. */
  isSound(...path: Path): boolean;
  /** An object's properties that have none. */
  soundOf<T extends object>(part: T | undefined, ...path: Path): Partial<T>;
}

export function soundBeside(faults: readonly Fault[]): Sound {
  const unsound = new Set(
    faults.flatMap(({ path }) => path.map((_, at) => jsonPath(path.slice(0, at + 1)))),
  );
  const isSound = (...path: Path) => unsound.size === 0 || !unsound.has(jsonPath(path));
  return {
    isSound,
    soundOf<T extends object>(part: T | undefined, ...path: Path) {
      const entries = Object.entries(isRecord(part) ? part : {});
      return Object.fromEntries(entries.filter(([key]) => isSound(...path, key))) as Partial<T>;
    },
  };
}
