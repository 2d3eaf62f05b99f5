/**
 * `npm run fuzz`: 100,000 cases, or `--cases N`, shared out among the properties, or `--only` one of
 * them. `--seed S` begins anew where another run began; `--path P` runs one case of it.
 */

import { parseArgs } from 'node:util';
import { PROPERTIES, runProperty } from './run.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
    path: { type: 'string' },
  },
});
const { only, path } = values;
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const chosen = PROPERTIES.filter(({ name }) => only === undefined || name === only);
if (chosen.length === 0 || !Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
  const names = PROPERTIES.map(({ name }) => name).join('|');
  console.error(`usage: npm run fuzz -- [--cases N] [--seed S] [--only ${names} [--path P]]`);
  process.exit(2);
}

console.log(`seed ${seed}`);
let failed = 0;
let total = 0;
for (const property of chosen) {
  const share = only === undefined ? property.share / 100 : 1;
  const ran = await runProperty(property, { cases: Math.ceil(cases * share), seed, path });
  for (const note of ran.notes) console.log(`  ${note}`);
  const time = `${(ran.milliseconds / 1000).toFixed(1)} s`;
  console.log(
    `${ran.failure ? '✗' : '✓'} ${ran.name}: ${ran.runs} cases in ${time} ${ran.figures}`,
  );
  if (ran.failure) console.log(ran.failure);
  total += ran.runs;
  failed += ran.failure ? 1 : 0;
}
console.log(failed > 0 ? `${failed} failed` : `all of ${total} cases held`);
process.exitCode = failed > 0 ? 1 : 0;
