/** What package.json names as `main`: the function, with its bytecode. */

import { join } from 'node:path';
import { run } from './bytecode.ts';

export const { cancelHook } = run(join(__dirname, 'function.cjs')) as { cancelHook: unknown };
