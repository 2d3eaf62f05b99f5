import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chart } from './chart.ts';
import { readOptions } from './options.ts';
import { root } from './pack.ts';
import { PAGES } from './publish.ts';
import { fullReport, summary, withFigures } from './readme.ts';
import { type CandidateResult, CHART, type Results, storedResults } from './results.ts';
import { summarize } from './statistics.ts';
import { type Values, verdicts } from './thresholds.ts';

function candidate(key: string, name: string, median: number): CandidateResult {
  const figure = { ...summarize([median * 0.9, median, median * 1.1]), ratio: median / 100 };
  const figures = { start: figure, cpu: figure, rps: figure, memory: figure };
  return { key, name, settings: '', missing: false, figures };
}

const results: Results = {
  date: '2026-03-04',
  command: 'npm run bench',
  cpu: 'Some <CPU> & Co.',
  cores: 2,
  node: 'v24.21.0',
  versions: {},
  rounds: 5,
  seed: 1,
  pinned: true,
  share: 0.97,
  candidates: [
    candidate('cancel-hook', 'cancel-hook', 100),
    candidate('obvious', 'the obvious one', 250),
    candidate('webhook', 'the slow one', 9_000),
  ],
  verdicts: [],
  growth: [],
};

describe('a threshold', () => {
  const judged = (own: number, others: number, deciding: number[] = []) => {
    const values: Values = (key) => [key === 'cancel-hook' ? own : others];
    return new Map(verdicts(values, deciding).map(({ says, met }) => [says, met]));
  };

  test('of what shall be small is met from below, its bound included', () => {
    const says = 'CPU per cancel ÷ the obvious one’s';
    assert.equal(judged(0.3, 1).get(says), 'target');
    assert.equal(judged(0.5, 1).get(says), 'limit');
    assert.equal(judged(0.51, 1).get(says), 'missed');
  });

  test('of what shall be large is met from above, its bound included', () => {
    const says = 'requests/s ÷ the obvious one’s';
    assert.equal(judged(3.3, 1).get(says), 'target');
    assert.equal(judged(2, 1).get(says), 'limit');
    assert.equal(judged(1.99, 1).get(says), 'missed');
  });

  test('is not met by what was not measured', () => {
    const met = new Set(verdicts(() => [], []).map((verdict) => verdict.met));
    assert.deepEqual([...met], ['not measured']);
    assert.equal(judged(1, 1, [21, 21, 2]).get('deciding among 10,000 rules ÷ among 10'), 'missed');
  });
});

describe('the chart', () => {
  const drawn = chart(results);

  test('tells every figure in words too, for those who do not see it', () => {
    const [, told = ''] = /<desc id="desc">(.*)<\/desc>/.exec(drawn) ?? [];
    for (const words of ['cancel-hook 100 ms', 'the obvious one 250 µs', 'the slow one 9000 /s']) {
      assert.ok(told.includes(words), `${words} in ${told}`);
    }
    assert.match(drawn, /role="img" aria-labelledby="title desc"/);
  });

  test('says when, on what and by which command', () => {
    assert.ok(drawn.includes('2026-03-04, Some &lt;CPU&gt; &amp; Co., 2 cores, Node 24.21.0'));
    assert.ok(drawn.includes('npm run bench'));
  });

  test('draws lengths in proportion, but for a bar that it marks as cut', () => {
    const widths = [...drawn.matchAll(/class="bar[^>]* width="([\d.]+)"/g)].map(([, w]) =>
      Number(w),
    );
    const [own = 0, obvious = 0, slow = 0] = widths;
    assert.ok(Math.abs(obvious / own - 2.5) < 0.01, `${obvious} for ${own}`);
    assert.ok(slow > obvious && slow < 9 * own);
    assert.equal(drawn.match(/class="cut" d=/g)?.length, 3);
  });

  test('keeps within its frame and opens no element that it does not close', () => {
    const [, width, height] = (/viewBox="0 0 (\d+) (\d+)"/.exec(drawn) ?? []).map(Number);
    for (const [, x, y] of drawn.matchAll(/ x="([\d.]+)" y="([\d.]+)"/g)) {
      assert.ok(Number(x) < (width ?? 0) && Number(y) < (height ?? 0), `${x}, ${y}`);
    }
    const open: string[] = [];
    for (const [, end, name = '', alone] of drawn.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (end) assert.equal(open.pop(), name);
      else if (!alone) open.push(name);
    }
    assert.deepEqual(open, []);
  });

  test('has colours for light and for dark', () => {
    assert.match(drawn, /@media \(prefers-color-scheme: dark\)/);
  });
});

for (const [page, figures] of Object.entries(PAGES)) {
  describe(page, () => {
    const text = readFileSync(join(root, page), 'utf8');

    test('keeps everything but the figures, however often they are written', () => {
      const once = withFigures(text, figures(results));
      assert.equal(withFigures(once, figures(results)), once);
      const stored = figures(storedResults());
      assert.equal(withFigures(once, stored), withFigures(text, stored));
      assert.throws(() => withFigures('no markers', stored), /no place/);
    });

    test('shows what is stored', () => {
      const stored = figures(storedResults());
      assert.equal(withFigures(text, stored), text, 'run node test/bench/publish.ts');
    });
  });
}

test('the README shows five candidates, and the full report all of them', () => {
  const stored = storedResults() ?? results;
  const rows = (text: string) => text.match(/^\| [^|]*[a-z][^|]*\|(?: [\d.]+ \|){4,}$/gm) ?? [];
  assert.equal(rows(summary(stored)).length, 5);
  const present = stored.candidates.filter(({ missing }) => !missing);
  assert.equal(rows(fullReport(stored)).length, present.length);
});

test('the chart shows what is stored', () => {
  const stored = storedResults();
  const shown = existsSync(CHART) ? readFileSync(CHART, 'utf8') : undefined;
  assert.equal(shown, stored && chart(stored));
});

test('what the command line does not know, it refuses', () => {
  for (const args of [['--only', 'speed'], ['--rounds', '0'], ['--rounds', '2.5'], ['--fast']]) {
    assert.throws(() => readOptions(args), Error, args.join(' '));
  }
  const options = readOptions(['--only', 'rps,start', '--rounds', '2', '--seed', '9']);
  assert.ok(options !== 'help');
  assert.deepEqual([...options.parts], ['start', 'rps']);
  assert.deepEqual([options.rounds, options.seed], [2, 9]);
});
