import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { root } from './support/function.ts';

interface Arrow {
  readonly from: string;
  /** A file of src, or a package's name. */
  readonly to: string;
}

const files = globSync('src/**/*.ts', { cwd: root }).toSorted();
const textOf = new Map(files.map((file) => [file, readFileSync(`${root}/${file}`, 'utf8')]));

/** Every import and export from elsewhere, static or not, of types too. */
const arrows: Arrow[] = files.flatMap((from) =>
  [...(textOf.get(from) ?? '').matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
    ([, to = '']) => ({ from, to: to.startsWith('.') ? posix.join(posix.dirname(from), to) : to }),
  ),
);
const has = (from: string, to: string) => arrows.some((a) => a.from === from && a.to === to);
const inside = (folder: string) => (file: string) => file.startsWith(`src/${folder}/`);
const src = (...names: string[]) => names.map((name) => `src/${name}.ts`);

/** Nobody but `these` may import `what`. */
function only(what: (to: string) => boolean, these: (from: string) => boolean): void {
  const wrong = arrows.filter(({ from, to }) => what(to) && !these(from));
  assert.deepEqual(wrong, []);
}

/** What is the same for all types of resources. */
const SHARED = ['src/resources/resource-type.ts'];

describe('the directions of imports', () => {
  test('were seen at all', () => {
    assert.ok(files.length > 30, `${files.length} files`);
    assert.ok(arrows.length > 80, `${arrows.length} arrows`);
    assert.ok(has('src/policy/rule.ts', 'src/resource-name.ts'));
    assert.ok(
      has('src/google/application-default-credentials.ts', 'google-auth-library'),
      'also those that load late',
    );
    assert.ok(has('src/validation/compile.ts', 'ajv'));
    for (const { to } of arrows.filter((arrow) => arrow.to.startsWith('src/'))) {
      assert.ok(textOf.has(to), `${to} is no file`);
    }
  });

  test('a caller imports its own folder only, never another caller', () => {
    const ownOf = (file: string) => /^src\/callers\/([\w-]+)/.exec(file)?.[1];
    for (const { from, to } of arrows) {
      if (!inside('callers')(from) || !inside('callers')(to)) continue;
      assert.ok(from === 'src/callers/index.ts' || ownOf(from) === ownOf(to), `${from} → ${to}`);
    }
  });

  test('only the configuration and its schema know the callers', () => {
    only(
      inside('callers'),
      (from) =>
        inside('callers')(from) ||
        inside('notify')(from) ||
        src('config/callers', 'config/config-schema').includes(from),
    );
  });

  test('notifications take from the callers only how a service shows text', () => {
    const shared = src('callers/slack/ask', 'callers/slack/blocks', 'callers/google-chat/cards');
    for (const { from, to } of arrows.filter((arrow) => inside('notify')(arrow.from))) {
      assert.ok(!inside('callers')(to) || shared.includes(to), `${from} → ${to}`);
    }
  });

  test('the function never makes a webhook: who verifies a signature must not share code with who signs', () => {
    only(inside('cli/send/senders'), inside('cli'));
    for (const { from, to } of arrows.filter((arrow) => inside('cli/send/senders')(arrow.from))) {
      assert.ok(inside('cli/send/senders')(to) || to.startsWith('node:'), `${from} → ${to}`);
    }
  });

  test('what is deployed does not hold the command line', () => {
    const map = readFileSync(`${root}/dist/function.cjs.map`, 'utf8');
    const sources: string[] = JSON.parse(map).sources;
    const bundled = sources.map((source) => source.replace(/^\.\.\//, ''));
    assert.ok(bundled.includes('src/handler.ts') && bundled.length > 50, `${bundled.length} files`);
    assert.deepEqual(bundled.filter(inside('cli')), []);
  });

  test('a library that few configurations need is a file of its own, loaded when it is needed', () => {
    const map = readFileSync(`${root}/dist/function.cjs.map`, 'utf8');
    const sources: string[] = JSON.parse(map).sources;
    for (const library of ['google-auth-library', 'jose']) {
      const inBundle = sources.filter((source) => source.includes(`node_modules/${library}/`));
      assert.deepEqual(inBundle, []);
      assert.ok(existsSync(`${root}/dist/${library}.cjs`));
      const early = new RegExp(`^import (?!type)[^;]* from '${library}'`, 'm');
      const wrong = files.filter((file) => early.test(textOf.get(file) ?? ''));
      assert.deepEqual(wrong, [], library);
    }
  });

  test('the part that only agents need is a file of its own, and brings no other code with it', () => {
    const sourcesOf = (name: string): string[] =>
      JSON.parse(readFileSync(`${root}/dist/${name}.cjs.map`, 'utf8')).sources;
    const own = files.filter(
      (file) => inside('callers/mcp')(file) && file !== 'src/callers/mcp/index.ts',
    );
    const bundled = sourcesOf('mcp').map((source) => source.replace(/^\.\.\//, ''));
    assert.deepEqual(bundled.toSorted(), ['package.json', ...own]);
    assert.ok(own.includes('src/callers/mcp/protocol.ts'));
    assert.deepEqual(
      sourcesOf('function').filter((source) => own.includes(source.replace(/^\.\.\//, ''))),
      [],
    );
  });

  /** Lists what each folder may import besides itself; the files at the top of src are open to all. */
  const folders: Readonly<Record<string, readonly string[]>> = {
    server: ['requests'],
    policy: [],
    config: ['callers', 'policy', 'auth', 'notify', 'validation'],
    resources: ['validation'],
    callers: ['auth', 'requests', 'chat', 'validation'],
    auth: ['validation'],
    requests: ['auth', 'resources', 'validation'],
    chat: ['requests', 'resources'],
    notify: ['auth', 'callers', 'chat', 'google', 'resources', 'validation'],
    validation: [],
    actions: ['google', 'policy', 'resources', 'validation'],
    google: ['auth', 'resources', 'validation'],
    cli: ['config', 'policy', 'auth', 'validation'],
    bootstrap: [],
  };
  const folderOf = (file: string) => /^src\/(\w+)\//.exec(file)?.[1];

  test('follow the allowed directions between folders', () => {
    const ways = new Set<string>();
    for (const { from, to } of arrows) {
      const [here, there] = [folderOf(from), folderOf(to)];
      if (!here || !there || here === there) continue;
      assert.ok(folders[here]?.includes(there), `${from} → ${to}`);
      ways.add(`${here} → ${there}`);
    }
    const allowed = Object.entries(folders).flatMap(([here, theirs]) =>
      theirs.map((there) => `${here} → ${there}`),
    );
    assert.deepEqual([...ways].toSorted(), allowed.toSorted(), 'each way that is allowed is used');
    assert.deepEqual(new Set(files.map(folderOf)), new Set([...Object.keys(folders), undefined]));
  });

  test('only names know the table of resource types: no other code knows a service', () => {
    only(
      (to) => inside('resources')(to) && !SHARED.includes(to),
      (from) => inside('resources')(from) || from === 'src/resource-name.ts',
    );
  });

  test('policy and names are pure; errors import nothing, the log their types', () => {
    const of = (file: string) => arrows.filter(({ from }) => from === file).map(({ to }) => to);
    assert.deepEqual(of('src/resource-name.ts'), src('resources/index', 'resources/resource-type'));
    for (const { to } of arrows.filter(({ from }) => inside('policy')(from))) {
      assert.ok(inside('policy')(to) || src('resource-name', 'resource-pattern').includes(to), to);
    }
    assert.deepEqual(of('src/errors.ts'), []);
    assert.deepEqual(of('src/log.ts'), src('errors'));
  });

  test('the way from request to answer knows no HTTP and no vendor', () => {
    for (const file of src('handler', 'actions/cancel', 'actions/sweep', 'policy/policy')) {
      for (const { to } of arrows.filter(({ from }) => from === file)) {
        assert.ok(to.startsWith('src/'), `${file} → ${to}`);
        assert.ok(!inside('callers')(to) && !inside('auth')(to), `${file} → ${to}`);
      }
    }
  });

  test('upstream does not know who asks', () => {
    for (const { to } of arrows.filter(({ from }) => from === 'src/google/resource-client.ts')) {
      assert.ok(
        !inside('callers')(to) &&
          !inside('auth')(to) &&
          !src('caller', 'handler', 'policy/policy', 'config/config').includes(to),
        to,
      );
    }
  });

  test('nothing goes in circles, types aside', () => {
    const value = /^(?:import|export)(?! type)[^;]*?\bfrom '(\.[^']+)'/gm;
    const next = (file: string) =>
      [...(textOf.get(file) ?? '').matchAll(value)].map(([, to = '']) =>
        posix.join(posix.dirname(file), to),
      );
    const visit = (file: string, way: readonly string[]): void => {
      assert.ok(!way.includes(file), [...way, file].join(' → '));
      for (const to of next(file)) visit(to, [...way, file]);
    };
    visit('src/index.ts', []);
    assert.ok(next('src/index.ts').length > 5);
  });
});

describe('one file each', () => {
  const rows: [string, RegExp, string[]][] = [
    [
      'touches the environment',
      /\bprocess\.env\b|\{[^}]*\benv\b[^}]*\} = process\b/,
      ['src/cli/main.ts', ...src('index', 'bootstrap/bytecode', 'bootstrap/framework')],
    ],
    [
      'ends the process on a fault',
      /\bprocess\.exit\b/,
      ['src/server/shutdown.ts', 'src/index.ts'],
    ],
    [
      'knows where the framework is installed',
      /functions-framework\/build/,
      src('bootstrap/framework'),
    ],
    ['runs ajv', /^import \{[^}]*\bAjv\b/m, ['src/validation/compile.ts']],
    [
      'opens connections',
      /request as http|'node:(https|net|tls|http2)'|\bfetch\(['"`]|undici/,
      ['src/google/http-client.ts'],
    ],
    [
      'loads google-auth-library',
      /'google-auth-library'/,
      ['src/cli/send/id-token.ts', 'src/google/application-default-credentials.ts'],
    ],
    [
      'loads jose',
      /^import (?!type)[^;]*'jose'|import\('jose'/m,
      src('auth/id-token', 'auth/key-set'),
    ],
    ['writes', /process\.std(out|err)|\bwriteSync\b/, ['src/cli/main.ts', 'src/index.ts']],
  ];
  for (const [what, pattern, expected] of rows) {
    test(`${what}: ${expected.join(', ')}`, () => {
      assert.deepEqual(
        files.filter((file) => pattern.test(textOf.get(file) ?? '')),
        expected.toSorted(),
      );
    });
  }
});
