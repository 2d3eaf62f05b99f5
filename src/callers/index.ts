/** The registry: one line per type of caller. */

import { json } from './json.ts';

export const callerTypes = [json] as const;
