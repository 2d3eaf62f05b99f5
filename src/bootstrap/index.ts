/** What package.json names as `main`: the function, with its bytecode. */

import { join } from 'node:path';
import { run } from './bytecode.ts';

run(join(__dirname, 'function.cjs'));
