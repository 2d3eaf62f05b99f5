import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { root } from './support/function.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

describe('the workflow of CI', () => {
  const text = read('.github/workflows/ci.yml');
  const workflow = parse(text);
  const steps = Object.values(workflow.jobs as Record<string, { steps: Step[] }>).flatMap(
    (job) => job.steps,
  );

  test('runs the lines of .ci/run, all of them and in their order', () => {
    const lines = read('.ci/run')
      .split('\n')
      .filter((line) => !/^(#|set |cd |$)/.test(line));
    assert.ok(lines.length >= 3);
    assert.deepEqual(
      steps.flatMap(({ run }) => run ?? []),
      lines,
    );
  });

  test('runs for each pull request, and may only read', () => {
    assert.deepEqual(Object.keys(workflow.on).toSorted(), ['pull_request', 'push']);
    assert.deepEqual(workflow.permissions, { contents: 'read' });
    assert.doesNotMatch(text, /secrets\.|pull_request_target|write/);
  });

  test('takes actions by the hash of a commit, with the release that it is', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    assert.ok(used.length > 0);
    for (const action of used) {
      assert.match(action, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
      assert.match(text, new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+\n`));
    }
    const checkout = steps.find(({ uses }) => uses?.startsWith('actions/checkout@'));
    assert.equal(checkout?.with?.['persist-credentials'], false);
  });
});

test('every YAML of .github can be read, and Dependabot looks where there is something', () => {
  const files = readdirSync(`${root}/.github`, { recursive: true, encoding: 'utf8' });
  const yaml = files.filter((file) => /\.ya?ml$/.test(file));
  assert.ok(yaml.length >= 5);
  for (const file of yaml) assert.ok(parse(read(`.github/${file}`)), file);
  const { version, updates } = parse(read('.github/dependabot.yml'));
  assert.equal(version, 2);
  for (const { directory } of updates) assert.ok(readdirSync(`${root}${directory}`).length > 0);
});

/** https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms */
test('issue forms are forms', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(`${root}/${folder}`).filter((file) => file !== 'config.yml');
  assert.ok(forms.length >= 2);
  for (const file of forms) {
    const { name, description, body } = parse(read(`${folder}/${file}`));
    for (const text of [name, description]) assert.equal(typeof text, 'string', file);
    const ids = new Set<string>();
    for (const { type, id, attributes } of body) {
      assert.match(type, /^(markdown|textarea|input|dropdown|checkboxes)$/);
      if (type === 'markdown') assert.equal(typeof attributes.value, 'string');
      else assert.ok(attributes.label && /^[\w-]+$/.test(id) && !ids.has(id), `${file}: ${id}`);
      ids.add(id);
    }
  }
});
