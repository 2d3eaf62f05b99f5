/** Full names of all types in chats: commands, replies, buttons. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cancelButton } from '../../src/callers/slack/blocks.ts';
import { parseChatCommand } from '../../src/chat/chat-command.ts';
import { renderReply } from '../../src/chat/reply.ts';
import { describeOperation, type Requester } from '../../src/chat/text.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import { linesOf } from '../support/reply-text.ts';

const PARENT = '//dataproc.googleapis.com/projects/p/regions/r/jobs';
const JOB = `${PARENT}/job-1`;
const NOW = Date.parse('2026-01-10T00:00:00Z');
const requester = (...examples: string[]): Requester => ({
  userId: 'U1',
  identities: [],
  command: '/c',
  supportsFollowUp: false,
  examples,
});

describe('a command', () => {
  test('takes a full name as people paste it, also from a URL', () => {
    for (const text of [
      JOB,
      `\`${JOB}\``,
      `<${JOB}>`,
      `“${JOB}”,`,
      `https:${JOB.replace('.com/', '.com/v1/')}`,
    ]) {
      assert.deepEqual(
        parseChatCommand(`status ${text}`),
        { kind: 'status', operation: JOB },
        text,
      );
      assert.deepEqual(parseChatCommand(text), { kind: 'cancel', operation: JOB, explicit: false });
    }
    assert.deepEqual(parseChatCommand(`list ${PARENT}`), { kind: 'list', parent: PARENT });
  });

  test('with a name of another shape or service is refused with what it must be', () => {
    for (const [text, told] of [
      [
        `cancel ${JOB.replace('regions', 'locations')}`,
        /shape of this service.*regions\/\*\/jobs\/\*/,
      ],
      [
        'cancel //compute.googleapis.com/projects/p/zones/z/operations/o',
        /cannot be cancelled here/,
      ],
      [`list ${JOB}`, /collection of this service/],
      [`cancel ${JOB} and ${JOB}2`, /two different names/],
    ] as const) {
      const command = parseChatCommand(text);
      assert.ok(command.kind === 'invalid', text);
      assert.match(JSON.stringify(command.problem), told);
    }
  });
});

describe('a reply', () => {
  test('says what the resource is, and its age where it has neither verb nor target', () => {
    const command = parseChatCommand(`cancel ${JOB}`);
    const result = { kind: 'cancel', outcome: 'COMPLETED', body: '{}' } as const;
    assert.equal(
      linesOf(renderReply(command, result, requester(), NOW))[1],
      'The job finished its work before it could stop.',
    );
    const createTime = '2026-01-09T21:00:00Z';
    assert.deepEqual(describeOperation({ name: JOB, createTime }, NOW), ['Running for 3 h']);
    assert.deepEqual(describeOperation({ name: JOB, createTime }, NOW, true), ['Started 3 h ago']);
    assert.deepEqual(describeOperation({ name: JOB }, NOW), ['Age unknown']);
  });

  test('of help has an example of each type that rules name', () => {
    const help = (...examples: string[]) =>
      linesOf(renderReply({ kind: 'help' }, { kind: 'noop' }, requester(...examples), NOW));
    const relative = 'projects/p/locations/l/operations/o';
    assert.deepEqual(help(relative), help());
    assert.deepEqual(help(relative, JOB).slice(0, 3), help().slice(0, 3));
    assert.deepEqual(help(relative, JOB).at(-1), `NAME can be like [${JOB}]`);
    assert.ok(help(JOB).some((line) => line.startsWith(`[/c list ${PARENT}] `)));
    assert.ok(!help(JOB).some((line) => line.includes('PROJECT')));
  });

  test("has buttons that hold the whole name, within Slack's limits", () => {
    const longest = `//bigquery.googleapis.com/projects/${'p'.repeat(128)}/locations/${'l'.repeat(128)}/jobs/${'j'.repeat(1_024)}`;
    for (const text of [JOB, longest, '//cloudbuild.googleapis.com/projects/p/builds/b']) {
      const button = JSON.stringify(cancelButton(parseResourceName(text) ?? assert.fail()));
      assert.equal(JSON.parse(button).value, text);
      assert.ok(text.length <= 2_000);
      assert.doesNotMatch(button, /undefined/);
    }
    assert.match(
      JSON.stringify(cancelButton(parseResourceName(JOB) ?? assert.fail())),
      /Cancel this job\?.*job-1 in project p, location r, service dataproc\.googleapis\.com/,
    );
  });
});
