/** Runs or checks each block of each document, or states why that is not possible. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import yaml, { parse as parseYaml } from 'yaml';
import { callerTypes } from '../src/callers/index.ts';
import { systemClock } from '../src/clock.ts';
import type { SweepOutcome } from '../src/command.ts';
import { type Config, loadConfig } from '../src/config/config.ts';
import type { UnauthenticatedReason } from '../src/errors.ts';
import type { LogEntry } from '../src/log.ts';
import { parseCommand } from '../src/requests/parse-command.ts';
import { resourceTypes } from '../src/resources/index.ts';
import { runScript } from './deploy/gcloud.ts';
import { missing } from './deploy/pack.ts';
import { ERRORS } from './support/error-form.ts';
import { cleanEnv, root } from './support/function.ts';
import { type Block, parseBlocks } from './support/markdown.ts';
import { type Command, parseCommands } from './support/shell.ts';
import { OPERATIONS, startTestApp, type TestApp } from './support/test-app.ts';

const pages = globSync(['*.md', 'deploy/**/*.md', '.github/**/*.md', 'test/*/README.md'], {
  cwd: root,
}).toSorted();
const blocks = pages.flatMap(parseBlocks);
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

/** The compiler refuses these where they are not exactly the keys or the words that the code has. */
const LOG_FIELDS: Record<keyof LogEntry, true> = {
  severity: true,
  message: true,
  httpRequest: true,
  'logging.googleapis.com/trace': true,
  'logging.googleapis.com/spanId': true,
  caller: true,
  principal: true,
  alert: true,
  agent: true,
  notified: true,
  operation: true,
  parent: true,
  outcome: true,
  error: true,
  operations: true,
  sweep: true,
  rule: true,
  denied: true,
  unauthenticated: true,
  unreadName: true,
  truncatedAlerts: true,
  reason: true,
  upstream: true,
  cause: true,
};
const UNAUTHENTICATED_REASONS: Record<UnauthenticatedReason, true> = {
  'no-credentials': true,
  scheme: true,
  malformed: true,
  secret: true,
  signature: true,
  timestamp: true,
  expired: true,
  issuer: true,
  audience: true,
  email: true,
  'email-missing': true,
  'unknown-key': true,
};
const OUTCOMES: Record<SweepOutcome, true> = {
  CANCEL_REQUESTED: true,
  CANCELLED: true,
  COMPLETED: true,
  FAILED: true,
  PENDING: true,
  ALREADY_DONE: true,
  WOULD_CANCEL: true,
  ASKED: true,
  QUEUED: true,
  ALREADY_QUEUED: true,
};

/** The URL of a destination is checked, so a value of a test must be one. */
function secretOf(name: string): string {
  return name.endsWith('_WEBHOOK')
    ? 'https://hooks.slack.com/services/T/B/key'
    : 'a-secret-of-tests';
}

function start(config: Fields): Config {
  // A mounted file is not here.
  const text = JSON.stringify(config).replaceAll(/file:\/[\w./-]+/g, 'env:MOUNTED');
  const references = text.matchAll(/env:(\w+)/g);
  return loadConfig(text, {
    env: Object.fromEntries([...references].map(([, name = '']) => [name, secretOf(name)])),
    clock: systemClock,
    loadYaml: () => yaml,
    createKeySet: () => ({ get: async () => undefined }),
    post: async () => undefined,
    logError: () => {},
    warn: () => {},
  });
}

/** Checks a request, an error, or a configuration. */
function checkJson(text: string): void {
  const fields: Fields = JSON.parse(text);
  if ('callers' in fields) start(fields);
  else if ('servers' in fields || 'mcpServers' in fields) checkClient(fields);
  else if ('error' in fields) checkError(fields.error as Fields);
  else assert.ok(parseCommand(fields, 0, 100));
}

/** Checks the configuration of an agent's client: where it sends, and with which credentials. */
function checkClient({ servers, mcpServers = servers }: Fields): void {
  const [{ url, httpUrl = url, headers }] = Object.values(mcpServers as object);
  assert.equal(httpUrl, 'https://HOOK/agents');
  assert.match(headers.Authorization, /^Bearer \$/);
}

function checkError({ code, status, message, details }: Fields): void {
  const [{ reason, domain }] = details as [{ reason: keyof typeof ERRORS; domain: string }];
  assert.deepEqual([code, status], ERRORS[reason]);
  assert.equal(domain, 'cancel-hook');
  assert.equal(typeof message, 'string');
}

const types = new Set<unknown>(callerTypes.map(({ type }) => type));

/** Starts a configuration, whole or as entries of `callers`; any other YAML belongs to another system. */
function checkYaml(text: string): void {
  const fields: Fields = parseYaml(text);
  const isCaller = (value: unknown) => types.has((value as Fields | null)?.type);
  if ('callers' in fields) start(fields);
  else if (Object.values(fields).every(isCaller)) {
    start({ allow: [{ operations: ['projects/p/locations/*/operations/*'] }], callers: fields });
  } else assert.equal(typeof fields, 'object');
}

/** Returns the smallest configuration of the README, as it stands there. */
function smallest(): string {
  const found = blocks.find(
    ({ page, language, text }) =>
      page === 'README.md' && language === 'yaml' && text.includes('type: json'),
  );
  return found?.text ?? assert.fail('none');
}

const scripts = json('package.json').scripts as Record<string, string>;
/** npm's own. */
const NPM = ['ci', 'install', 'pkg', 'publish', 'version'];

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
  [
    /^npx --no -- cancel-hook check hook\.yaml$/,
    ({ words }) => {
      writeFileSync(join(folder, 'hook.yaml'), smallest());
      const args = [join(root, 'src/cli/cancel-hook.mjs'), ...words.slice(4)];
      execFileSync(process.execPath, args, { cwd: folder, env: cleanEnv() });
    },
  ],
  [
    /^npx --no -- cancel-hook send /,
    () => seen('test/cli/send/launched.test.ts', 'deploy/reference.md'),
  ],
  [
    /^deploy\/gcloud\/cancel-hook\.sh /,
    async ({ words: [path = '', ...args] }, { page }) => {
      assert.ok(existsSync(join(root, path)));
      const at = args.indexOf('--config') + 1;
      const language = args[at]?.endsWith('.yaml') ? 'yaml' : 'json';
      const config = blocks.find((block) => block.page === page && block.language === language);
      const file = join(folder, `config.${language}`);
      writeFileSync(file, config?.text ?? '');
      const given = at > 0 ? args.with(at, file) : args;
      const { status, out, err } = await runScript([...given, '--dry-run']);
      assert.equal(status, 0, out + err);
    },
  ],
  [
    /^gcloud /,
    ({ words }) => {
      seen('test/deploy/gcloud-flags.test.ts', 'parseBlocks');
      for (const word of words) {
        const [, body] = /^--message(?:-body)?=(.*)$/s.exec(word) ?? [];
        if (body !== undefined) assert.ok(parseCommand(JSON.parse(body), 0, 100));
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
  [/^claude mcp add /, () => cannot('it needs a program of another vendor')],
  [
    /^docker build -f deploy\/Dockerfile /,
    () => seen('test/deploy/image.test.ts', 'deploy/Dockerfile'),
  ],
  [/^docker push /, () => cannot('it needs a registry')],
  [
    /^kubectl create /,
    ({ words }) => {
      if (missing('kubectl')) return;
      writeFileSync(join(folder, 'hook.yaml'), smallest());
      execFileSync('kubectl', [...words.slice(1), '--dry-run=client'], { cwd: folder });
    },
  ],
  [/^kubectl (annotate|apply|rollout) /, () => cannot('it needs a cluster')],
  [/^git (clone|tag|fetch|checkout)\b/, () => cannot('it needs a repository that is published')],
  [/^bash \S+\.sh$/, ({ words: [, path = ''] }) => assert.ok(existsSync(join(root, path)))],
  [
    /^(hook|printf|jq|openssl|cd|zip|\}) ?/,
    () => cannot('a part of the shell; its syntax is checked'),
  ],
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
  yaml: ({ text }) => checkYaml(text),
  sh(block) {
    execFileSync('bash', ['-n'], { input: block.text });
    const commands = parseCommands(block.text);
    assert.ok(commands.length > 0);
    for (const command of commands) {
      const line = command.words.join(' ');
      const row = COMMANDS.find(([begins]) => begins.test(line));
      assert.ok(row, `nothing says how this is held true: ${line}`);
      row[1](command, block);
    }
  },
  hcl: ({ page }) => {
    seen('test/deploy/terraform.test.ts', page);
  },
  console: (block) => answersAsShown(block),
  ts: ({ page }) => followed(page),
  diff: ({ page }) => followed(page),
  text: () => cannot('a drawing'),
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
  writeFileSync(join(folder, 'hook.yaml'), smallest());
  app.emulator.addOperation({ name: `${OPERATIONS}/operation-123`, duration: Infinity });
  const script = `
    curl() { command curl -s "$@"; }
    npx() { shift 3; '${process.execPath}' '${root}/src/cli/cancel-hook.mjs' "$@"; }
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
    assert.ok(pages.length >= 20, `${pages}`);
    for (const [language, least] of Object.entries({ json: 4, sh: 25, yaml: 17, hcl: 2 })) {
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
  const made = /heartbeat|printing|^dist\b|bench\/results/;
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

test('the README has at most 10,000 bytes', () => {
  assert.ok(readFileSync(join(root, 'README.md')).length <= 10_000);
});

/** The name is not registered: without `--no`, npx would run what somebody else registers. */
test('no page and no message tells anybody to run npx without --no', () => {
  for (const file of [...pages, ...globSync(['src/**/*', '.github/**/*.yml'], { cwd: root })]) {
    if (!/\.\w+$/.test(file)) continue;
    assert.doesNotMatch(readFileSync(join(root, file), 'utf8'), /npx cancel-hook/, file);
  }
});

describe('the tables are those of the code', () => {
  const read = (page: string) => readFileSync(join(root, page), 'utf8');
  const reference = read('deploy/reference.md');

  test('errors', () => {
    const rows = new Map(
      [...reference.matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \| `([A-Z_]+)` \|/gm)].map(
        ([, code, reason = '', status]) => [reason, [Number(code), status]],
      ),
    );
    assert.deepEqual(Object.fromEntries(rows), ERRORS);
  });

  /** Returns the codes in the first column of the table whose head begins with this. */
  const firstColumn = (head: string) => {
    const [, table = ''] = reference.split(`\n| ${head} |`);
    const rows = (table.split('\n\n')[0] ?? '').matchAll(/^\| (`.+?) \|/gm);
    return [...rows].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code),
    );
  };

  test('types of resources', () => {
    for (const { service, shape, hasMetadata } of resourceTypes) {
      const api = service.replace('.googleapis.com', '');
      const [collection] = shape.split('/').slice(-2);
      const isVertex = api === 'aiplatform';
      const cell = hasMetadata ? api : isVertex ? collection : `//${service}/${shape}`;
      assert.ok(reference.includes(`\`${cell}\``), cell);
    }
  });

  test('fields of the log', () => {
    assert.deepEqual(firstColumn('field | content').toSorted(), Object.keys(LOG_FIELDS).toSorted());
  });

  test('reasons of `unauthenticated`', () => {
    assert.deepEqual(
      firstColumn('`unauthenticated` | cause').toSorted(),
      Object.keys(UNAUTHENTICATED_REASONS).toSorted(),
    );
  });

  test('outcomes', () => {
    assert.deepEqual(
      firstColumn('`Cancel-Outcome` | what the function has seen').toSorted(),
      Object.keys(OUTCOMES).toSorted(),
    );
  });

  test('errors that somebody has to act on, each with its solution', () => {
    const solved = new Set(
      [...read('deploy/README.md').matchAll(/^\| .*?\b\d{3} `([A-Z_]+)`/gm)].map(
        ([, reason]) => reason,
      ),
    );
    // The response itself says what to do.
    const plain = ['MALFORMED_BODY', 'METHOD_NOT_ALLOWED'];
    assert.deepEqual(
      Object.keys(ERRORS).filter((reason) => !solved.has(reason)),
      plain,
    );
  });

  test('limits', () => {
    const rows = new Map(
      [...reference.matchAll(/^\| `(\w+)` \| `(\d+)` \|/gm)].map(([, name, value]) => [
        name,
        Number(value),
      ]),
    );
    for (const [name, value] of Object.entries(start(parseYaml(smallest())).limits)) {
      assert.equal(rows.get(name), value, name);
    }
  });

  test('caller types, each with a page of the same four sections', () => {
    const rows = read('README.md').matchAll(/^\| \[`([a-z-]+)`\]\(deploy\/callers\/\1\.md\) \|/gm);
    assert.deepEqual([...rows].map(([, type]) => type).toSorted(), [...types].toSorted());
    for (const type of types) {
      const sections = [...read(`deploy/callers/${type}.md`).matchAll(/^## (.+)$/gm)];
      assert.deepEqual(
        sections.map(([, title]) => title),
        ['Set up the sender', 'Configuration', 'Behaviour', 'Limits'],
        `${type}`,
      );
    }
  });

  test('scripts that npm runs, wherever a page names one', () => {
    for (const page of pages) {
      for (const [, name = ''] of read(page).matchAll(/`npm (?:run )?([a-z-]+)/g)) {
        assert.ok(name in scripts || NPM.includes(name), `${page}: ${name}`);
      }
    }
  });

  test('options of the command line, wherever the prose shows one', () => {
    const spans = pages.flatMap((page) =>
      [...read(page).matchAll(/`npx --no -- cancel-hook (\w+)([^`]*)`/g)].map(
        ([, command = '', text = '']) => ({ command, text }),
      ),
    );
    const sections = [
      ...reference.matchAll(/^### (check|explain|send)\n([\s\S]*?)(?=^### |$(?![\s\S]))/gm),
    ];
    assert.equal(sections.length, 3);
    for (const [, command = '', section = ''] of sections) {
      spans.push({ command, text: section.replace(/^```[\s\S]*?^```$/gm, '') });
    }
    const help = new Map<string, string>();
    for (const command of new Set(spans.map((span) => span.command))) {
      const args = [join(root, 'src/cli/main.ts'), command, '--help'];
      help.set(command, execFileSync(process.execPath, args, { encoding: 'utf8' }));
    }
    for (const { command, text } of spans) {
      for (const [flag] of text.matchAll(/--[a-z][a-z-]*/g)) {
        assert.ok(help.get(command)?.includes(flag), `${command}: ${flag}`);
      }
    }
  });
});
