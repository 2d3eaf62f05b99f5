import { StatusError } from './status.ts';

/**
 * The only filter that is understood is on `done`, in the spellings of AIP-160 (`done = true`,
 * `done=false`, `done:true`). Which filters the real service takes is not documented, so all others
 * are refused, and no caller can come to rely on one.
 *
 * Returns the value that `done` must have; `undefined` for any.
 */
export function parseDoneFilter(filter: string | undefined): boolean | undefined {
  if (filter === undefined || filter.trim() === '') return undefined;
  const match = /^\s*done\s*[=:]\s*(true|false)\s*$/i.exec(filter);
  if (!match) throw new StatusError('INVALID_ARGUMENT', `Invalid list filter: ${filter}`);
  return match[1]?.toLowerCase() === 'true';
}
