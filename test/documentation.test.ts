/** What the pages show: each block is run or checked, or has a reason why it cannot be. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { callerTypes } from '../src/callers/index.ts';
import { systemClock } from '../src/clock.ts';
import { type Config, loadConfig } from '../src/config/config.ts';
import { parseCommand } from '../src/requests/parse-command.ts';
import { TABLE } from './support/error-form.ts';
import { cleanEnv, root } from './support/function.ts';
import { type Block, blocksOf } from './support/markdown.ts';
import { type Command, commandsOf } from './support/shell.ts';
import { OPERATIONS, startTestApp, type TestApp } from './support/test-app.ts';

const pages = globSync(['*.md', 'deploy/**/*.md', '.github/**/*.md'], { cwd: root }).toSorted();
const blocks = pages.flatMap(blocksOf);
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-pages-'));
let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(async () => {
  await app.stop();
  rmSync(folder, { recursive: true });
});

type Fields = Record<string, unknown>;

/** A block is an object, or the fields of one. */
function fieldsOf(text: string): Fields {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(`{${text}}`);
  }
}

function start(config: Fields): Config {
  const references = JSON.stringify(config).matchAll(/env:(\w+)/g);
  return loadConfig(JSON.stringify(config), {
    env: Object.fromEntries([...references].map(([, name]) => [name, 'secret'])),
    clock: systemClock,
    keySource: () => ({ get: async () => undefined }),
    post: async () => undefined,
    log: () => {},
  });
}

/** A whole configuration starts, with a caller put in its place; a request is read as one. */
function checkJson(text: string): void {
  const allow = [{ operations: ['projects/p/locations/*/operations/*'] }];
  const fields = fieldsOf(text);
  if ('callers' in fields) start({ allow, ...fields });
  else if ('name' in fields || 'parent' in fields) assert.ok(parseCommand(fields, 0));
  else if ('type' in fields) start({ allow, callers: { one: fields } });
  else start({ allow, callers: fields });
}

/** The configuration that the README begins with. */
function smallest(): string {
  const found = blocks.find(({ page, language }) => page === 'README.md' && language === 'json');
  return found?.text ?? assert.fail('none');
}

const scripts = json('package.json').scripts as Record<string, string>;
/** npm's own. */
const NPM = ['ci', 'install', 'version'];

/** By its first words: how a command of a page is held true. */
const COMMANDS: readonly (readonly [
  begins: RegExp,
  how: (command: Command, block: Block) => void,
])[] = [
  [
    /^npm /,
    ({ words: [, name = '', script = ''] }) => {
      const named = name === 'run' ? script : name;
      assert.ok(named in scripts || NPM.includes(named), named);
    },
  ],
  [/^npx cancel-hook send /, () => seen('test/cli/send/launched.test.ts', 'README')],
  [
    /^deploy\/gcloud\/cancel-hook\.sh /,
    ({ words: [path = '', ...args] }, { page }) => {
      const config = blocks.find((block) => block.page === page && block.language === 'json');
      writeFileSync(join(folder, 'config.json'), config?.text ?? '');
      const dry = args.map((word) => (word === 'config.json' ? join(folder, word) : word));
      execFileSync('bash', [join(root, path), ...dry, '--dry-run'], { stdio: 'pipe' });
    },
  ],
  [
    /^gcloud /,
    ({ words }) => {
      seen('test/deploy/gcloud-flags.test.ts', 'blocksOf');
      for (const word of words) {
        const [, body] = /^--message(?:-body)?=(.*)$/s.exec(word) ?? [];
        if (body !== undefined) assert.ok(parseCommand(JSON.parse(body), 0));
      }
    },
  ],
  [/^cat > \S+\.json$/, ({ input = '' }) => JSON.parse(input)],
  [
    /^curl /,
    ({ words }) => {
      for (const [at, word] of words.entries()) {
        if (words[at - 1] === '-d' && word.startsWith('{')) JSON.parse(word.replaceAll('\\"', '"'));
      }
      cannot('it asks Google or PagerDuty for something real');
    },
  ],
  [
    /^terraform (init|apply|output)\b/,
    () => seen('test/deploy/terraform.test.ts', 'deploy/README.md'),
  ],
  [/^git (clone|tag)\b/, () => cannot('it needs a repository that is published')],
  [/^(hook|printf|jq|cd|\}) ?/, () => cannot('a part of the shell; its syntax is checked')],
];

/** It is another test's: that one must be there, and read what it says it reads. */
function seen(file: string, word: string): void {
  assert.ok(readFileSync(join(root, file), 'utf8').includes(word), `${file} on ${word}`);
}

/** Shown, and not run: the reason is for whoever reads this. */
function cannot(reason: string): void {
  assert.ok(reason.length > 0);
}

const LANGUAGES: Readonly<Record<string, (block: Block) => unknown>> = {
  json: ({ text }) => checkJson(text),
  yaml: ({ text }) => assert.equal(typeof parseYaml(text), 'object'),
  sh(block) {
    execFileSync('bash', ['-n'], { input: block.text });
    const commands = commandsOf(block.text);
    assert.ok(commands.length > 0);
    for (const command of commands) {
      const line = command.words.join(' ');
      const row = COMMANDS.find(([begins]) => begins.test(line));
      assert.ok(row, `nothing says how this is held true: ${line}`);
      row[1](command, block);
    }
  },
  hcl: ({ page }) => {
    assert.equal(page, 'deploy/README.md');
    seen('test/deploy/terraform.test.ts', page);
  },
  console: (block) => answersAsShown(block),
  ts: ({ page }) => followed(page),
  diff: ({ page }) => followed(page),
  mermaid({ text }) {
    // GitHub draws it; there is no renderer here. That its arrows join what it names can be seen.
    const named = new Set([...text.matchAll(/(\w+)\["/g)].map(([, name]) => name));
    const arrows = [...text.matchAll(/(\w+)(?:\["[^\]]*"\])? -[-.].*?> (\w+)/g)];
    assert.ok(arrows.length > 5);
    for (const [, from, to] of arrows) assert.ok(named.has(from) && named.has(to), `${from} ${to}`);
  },
};

function followed(page: string): void {
  assert.equal(page, '.github/CONTRIBUTING.md');
  seen('test/contributing.test.ts', page);
}

/** A session: what follows `$` is run, and answers what stands below it. */
async function answersAsShown({ text }: Block): Promise<void> {
  const [, command = '', shown = ''] = /^\$ ((?:.*\\\n)*.*\n)([\s\S]*)$/.exec(text) ?? [];
  writeFileSync(join(folder, 'hook.json'), smallest());
  app.emulator.addOperation({ name: `${OPERATIONS}/operation-123`, duration: Infinity });
  const script = `
    curl() { command curl -s "$@"; }
    npx() { shift; '${process.execPath}' '${root}/src/cli/cancel-hook.mjs' "$@"; }
    ${command.replaceAll('https://HOOK', app.process.url)}`;
  const said = await new Promise<string>((resolve) => {
    const options = { cwd: folder, env: cleanEnv({ OPS_TOKEN: 'ops-token-0123456789' }) };
    execFile('bash', ['--norc', '-c', script], options, (_, out, err) => resolve(out + err));
  });
  if (command.startsWith('npx')) return assert.equal(said, shown);
  assert.match(said, /^HTTP\/1\.1 200 /);
  const headers = shown.split('\n').filter((line) => /^[a-z-]+: /.test(line));
  assert.ok(headers.length > 0);
  for (const line of headers) assert.match(said, new RegExp(`^${line}\r?$`, 'im'));
}

describe('each block of each page', () => {
  for (const block of blocks) {
    const { page, line, language } = block;
    test(`${page}:${line} ${language}`, () => {
      const check = LANGUAGES[language];
      assert.ok(check, `nothing says how ${language || 'a block without a language'} is held true`);
      return check(block) as Promise<void> | undefined;
    });
  }

  test('was seen', () => {
    assert.ok(pages.length >= 6, `${pages}`);
    for (const [language, least] of Object.entries({ json: 15, sh: 15, yaml: 4, hcl: 2 })) {
      const count = blocks.filter((block) => block.language === language).length;
      assert.ok(count >= least, `${count} of ${language}`);
    }
  });
});

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('each link within the project leads somewhere', () => {
  for (const page of pages) {
    test(page, () => {
      const text = readFileSync(join(root, page), 'utf8').replace(/^ *```[\s\S]*?^ *```$/gm, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https:\/\//.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(root, file)), target);
        if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), target);
      }
    });
  }
});

test('each file and folder that a page names is there', () => {
  const made = /heartbeat|^dist\b|bench\/results/;
  let seen = 0;
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, path = ''] of text.matchAll(/`((?:src|test|deploy|\.github|\.ci)\/[\w./-]+)`/g)) {
      if (made.test(path)) continue;
      assert.ok(existsSync(join(root, path)), `${page}: ${path}`);
      seen += 1;
    }
  }
  assert.ok(seen > 15, `${seen}`);
});

describe('the README’s tables are those of the code', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');

  test('errors', () => {
    const rows = [...readme.matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \|/gm)];
    assert.deepEqual(
      rows.map(([, code, reason = '']) => [reason, Number(code)]).toSorted(),
      Object.entries(TABLE)
        .map(([reason, [code]]) => [reason, code])
        .toSorted(),
    );
  });

  test('errors that somebody has to do something about, each with its cure', () => {
    const guide = readFileSync(join(root, 'deploy/README.md'), 'utf8');
    const cured = new Set(
      [...guide.matchAll(/^\| .*?\b\d{3} `([A-Z_]+)`/gm)].map(([, reason]) => reason),
    );
    // What these ask for is in the answer itself.
    const plain = ['MALFORMED_BODY', 'INVALID_REQUEST', 'METHOD_NOT_ALLOWED', 'BODY_TOO_LARGE'];
    assert.deepEqual(
      Object.keys(TABLE).filter((reason) => !cured.has(reason)),
      plain,
    );
  });

  test('limits', () => {
    const [, row = ''] = /^\| `limits` \| (.+) \|$/m.exec(readme) ?? [];
    const told = [...row.matchAll(/`(\w+)` (\d+)/g)].map(([, name, value]) => [
      name,
      Number(value),
    ]);
    assert.deepEqual(Object.fromEntries(told), start(JSON.parse(smallest())).limits);
  });

  test('types of callers, each with a section of its own', () => {
    const rows = [...readme.matchAll(/^\| \[`([a-z-]+)`\]\(deploy\/callers\.md#([a-z-]+)\) \|/gm)];
    assert.deepEqual(
      rows.map(([, type]) => type).toSorted(),
      callerTypes.map(({ type }) => type).toSorted(),
    );
    assert.equal(new Set(rows.map(([, , anchor]) => anchor)).size, rows.length);
  });

  test('scripts that npm runs, wherever a page names one', () => {
    for (const page of pages) {
      const text = readFileSync(join(root, page), 'utf8');
      for (const [, name = ''] of text.matchAll(/`npm (?:run )?([a-z]+)/g)) {
        assert.ok(name in scripts || NPM.includes(name), `${page}: ${name}`);
      }
    }
  });

  test('flags of the command line, wherever a line of prose shows one', () => {
    const spans = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/`npx cancel-hook (\w+)([^`]*)`/g)].map(
        ([, command = '', rest = '']) => ({ page, command, rest }),
      ),
    );
    const help = new Map<string, string>();
    for (const { command } of spans) help.set(command, '');
    for (const command of help.keys()) {
      const args = [join(root, 'src/cli/cancel-hook.mjs'), command, '--help'];
      help.set(command, execFileSync(process.execPath, args, { encoding: 'utf8' }));
    }
    assert.ok(help.size >= 3, `${[...help.keys()]}`);
    for (const { page, command, rest } of spans) {
      for (const [flag] of rest.matchAll(/--[a-z-]+/g)) {
        assert.ok(help.get(command)?.includes(flag) || flag === '--help', `${page}: ${flag}`);
      }
    }
  });
});
