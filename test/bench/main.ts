/**
 * `npm run bench`: cancel-hook beside what one would write in its place, in one run. The subjects
 * take turns, round by round and in ever new order, on the same core, against the same stand-in
 * upstream; the bench itself, client and upstream, has another core. Ends by itself.
 */

import { WARM } from './figures.ts';
import { type Grown, grow } from './growth.ts';
import { growths } from './growths.ts';
import { type Ground, measureStart, measureWarm, type Round } from './measure.ts';
import { readOptions, STARTS_A_ROUND, USAGE } from './options.ts';
import { buildPack, installPeers, root } from './pack.ts';
import { figureTables, growthTable, verdictTable } from './print.ts';
import { cores, moveTo } from './process.ts';
import { randomFrom, ratios, shuffled } from './statistics.ts';
import { subjects as allSubjects, type Subject } from './subjects.ts';
import { type Values, verdicts } from './thresholds.ts';
import { startUpstream } from './upstream.ts';

const MOST_MS = 10 * 60_000;

const options = readOptions(process.argv.slice(2));
if (options === 'help') {
  console.log(USAGE);
  process.exit(0);
}
const { rounds, parts, seed, strict } = options;
setTimeout(() => {
  console.error('Ten minutes are over: the bench ends itself.');
  process.exit(1);
}, MOST_MS).unref();

installPeers();
const folder = options.here ? root : buildPack();
const known = allSubjects(folder);
const unknown = options.subjects?.find((key) => !known.some((subject) => subject.key === key));
if (unknown !== undefined) throw new Error(`no subject ${unknown}`);
const wanted = known.filter(({ key }) => options.subjects?.includes(key) ?? true);
for (const { name, missing } of wanted) if (missing) console.log(`Left out: ${name}: ${missing}.`);
const subjects = wanted.filter(({ missing }) => !missing);

const [core, own] = cores();
const pinned = core !== undefined && own !== undefined;
if (pinned) moveTo(own);
else console.log('One core only: the subjects share it with the bench.');
const upstream = await startUpstream();
const ground: Ground = { upstream, core: pinned ? core : undefined };
const random = randomFrom(seed);
console.log(`Seed ${seed}; ${rounds} rounds of ${subjects.map(({ key }) => key).join(', ')}.`);

const measured = new Map<string, Round[]>(subjects.map(({ key }) => [key, []]));
const values: Values = (key, figure) =>
  (measured.get(key) ?? []).flatMap((round) => round[figure] ?? []);

async function turns(measure: (subject: Subject) => Promise<Round>, counted = true) {
  for (const subject of shuffled(subjects, random)) {
    const round = await measure(subject).catch((error) => {
      throw new Error(`${subject.name}: ${error.message}`);
    });
    if (counted) measured.get(subject.key)?.push(round);
    process.stderr.write('.');
  }
}

for (let round = 0; round < rounds; round++) {
  if (parts.has('start')) {
    // The first start of all reads its files from the disk.
    if (round === 0) await turns((subject) => measureStart(subject, ground), false);
    for (let start = 0; start < STARTS_A_ROUND; start++) {
      await turns((subject) => measureStart(subject, ground));
    }
  }
  if (WARM.intersection(parts).size > 0) {
    await turns((subject) => measureWarm(subject, ground, (part) => parts.has(part)));
  }
}
const grown: Grown[] = [];
let deciding: number[] = [];
if (parts.has('growth')) {
  for await (const [growth, most] of growths(folder, ground)) {
    const { grown: one, values: found } = await grow(growth, Math.min(rounds, most), random);
    grown.push(one);
    if (one.key === 'deciding') deciding = ratios(found(10_000, 'time'), found(10, 'time'));
  }
}
process.stderr.write('\n');
upstream.close();

const judged = verdicts(values, deciding);
console.log([figureTables(subjects, values), ...grown.map(growthTable)].join('\n\n'));
console.log(`\n${verdictTable(judged)}`);
for (const { key, name } of subjects) {
  const busy = Math.max(0, ...values(key, 'benchBusy'));
  if (busy > 0.9) {
    console.log(`The bench itself had ${(busy * 100).toFixed(0)} % of its core to do for ${name}.`);
  }
}
process.exit(strict && judged.some(({ met }) => met === 'missed') ? 1 : 0);
