/**
 * `npm run bench`: cancel-hook beside what one would write in its place, in one run. The candidates
 * take turns, round by round and in ever new order, on the same core, against the same stand-in
 * upstream; the bench itself, client and upstream, has another core. Ends by itself.
 */

import { candidates as allCandidates } from './candidates.ts';
import { type Grown, grow } from './growth.ts';
import { growths } from './growths.ts';
import type { MeasureContext } from './measure.ts';
import { PARTS, ROUNDS, readOptions, USAGE } from './options.ts';
import { buildPack, installAlternatives, root } from './pack.ts';
import { figureTables, findCaveats, growthTable, verdictTable } from './print.ts';
import { cores, moveTo } from './process.ts';
import { publish } from './publish.ts';
import { resultsOf, storeResults } from './results.ts';
import { runRounds } from './rounds.ts';
import { randomFrom, ratios } from './statistics.ts';
import { verdicts } from './thresholds.ts';
import { startUpstream } from './upstream.ts';

const ROUNDS_MS = 8 * 60_000;
const GROWTH_MS = 11 * 60_000;
const MOST_MS = 10 * 60_000;

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  console.log(USAGE);
  process.exit(0);
}
const { rounds, parts, seed, strict } = options;
installAlternatives();
const folder = options.here ? root : buildPack();
const began = performance.now();
setTimeout(() => {
  console.error('Ten minutes are over: the bench ends itself.');
  process.exit(1);
}, MOST_MS).unref();

const known = allCandidates(folder);
const unknown = options.candidates?.find(
  (key) => !known.some((candidate) => candidate.key === key),
);
if (unknown !== undefined) throw new Error(`no candidate ${unknown}`);
const wanted = known.filter(({ key }) => options.candidates?.includes(key) ?? true);
for (const { name, missing } of wanted) if (missing) console.log(`Left out: ${name}: ${missing}.`);
const candidates = wanted.filter(({ missing }) => !missing);

const [core, own] = cores();
const pinned = core !== undefined && own !== undefined;
if (pinned) moveTo(own);
else console.log('One core only: the candidates share it with the bench.');
const upstream = await startUpstream();
const context: MeasureContext = { upstream, core: pinned ? core : undefined };
const random = randomFrom(seed);
console.log(`Seed ${seed}; ${rounds} rounds of ${candidates.map(({ key }) => key).join(', ')}.`);

const { values, done } = await runRounds({
  candidates,
  context,
  parts,
  rounds,
  random,
  until: began + ROUNDS_MS,
});
const grown: Grown[] = [];
let deciding: number[] = [];
if (parts.has('growth')) {
  for await (const [growth, most] of growths(folder, context)) {
    const found = await grow(growth, Math.min(rounds, most), random, began + GROWTH_MS);
    grown.push(found.grown);
    if (growth.key === 'deciding') {
      deciding = ratios(found.values(10_000, 'time'), found.values(10, 'time'));
    }
  }
}
process.stderr.write('\n');
upstream.close();

const judged = verdicts(values, deciding);
console.log(
  [figureTables(candidates, values), ...grown.map(growthTable), verdictTable(judged)]
    .filter(Boolean)
    .join('\n\n'),
);
for (const doubt of findCaveats(candidates, values)) console.log(doubt);

const isWhole = PARTS.every((part) => parts.has(part)) && !options.candidates && !options.here;
if (isWhole && done >= ROUNDS) {
  const run = { seed, pinned, values, rounds: done, verdicts: judged, growth: grown };
  storeResults(resultsOf({ ...run, candidates: wanted }));
  publish();
  console.log('Stored, with the chart and the tables of the documents.');
} else {
  console.log(`Not stored: ${isWhole ? `${done} rounds` : 'a part'} of a full run (--help).`);
}
process.exit(strict && judged.some(({ met }) => met === 'missed') ? 1 : 0);
