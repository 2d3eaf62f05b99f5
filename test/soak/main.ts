/** `npm run soak`: ten minutes, or `--seconds N`. Stops by itself; 1 where anything promised was not so. */

import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 10) {
  console.error('usage: npm run soak -- [--seconds N], 10 at least');
  process.exit(2);
}

const MOST_SHOWN = 20;
const { figures, violations } = await soak(seconds);
for (const [what, figure] of Object.entries(figures)) console.log(`${what.padEnd(30)} ${figure}`);
for (const violation of violations.slice(0, MOST_SHOWN)) console.log(`✗ ${violation}`);
console.log(violations.length > 0 ? `${violations.length} violations` : 'all held');
process.exitCode = violations.length > 0 ? 1 : 0;
