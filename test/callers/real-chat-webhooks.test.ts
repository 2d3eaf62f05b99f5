/**
 * Real bodies and published vectors, read where they are at hand. They are other people's data, so
 * they are no part of this repository.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkSignedHead } from '../../src/auth/hmac.ts';
import { SLACK } from '../../src/auth/hmac-schemes.ts';
import { parseChatEvent } from '../../src/callers/google-chat/event.ts';
import { parseSlackRequest } from '../../src/callers/slack/request.ts';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';

const folder = new URL('../../../shared/callers/', import.meta.url);
const skip = existsSync(folder) ? false : 'no samples of real bodies at ../shared/callers';
const names = skip ? [] : readdirSync(folder);
const bytes = (name: string) => readFileSync(new URL(name, folder));

describe("Slack's published vector", { skip }, () => {
  const body = () => bytes('slack-slash-command.signed-vector.form');

  function published() {
    const sources = bytes('SOURCES.md').toString('utf8');
    const line = sources.split('\n').find((text) => text.includes('slash-command.signed-vector'));
    const value = (before: string) =>
      line?.match(new RegExp(`${before}([^\`]+)\``))?.[1] ?? assert.fail(`no ${before}`);
    const timestamp = value('X-Slack-Request-Timestamp: ');
    const headers = {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': value('X-Slack-Signature: '),
    };
    return { keys: [value('secret `')], headers, now: Number(timestamp) * 1_000 };
  }

  function verify(head: ReturnType<typeof published>, signed: Buffer): boolean {
    const check = checkSignedHead(SLACK, head);
    return typeof check === 'function' && check(signed);
  }

  test('verifies, and for five minutes on either side', () => {
    const vector = published();
    for (const [seconds, holds] of [
      [0, true],
      [-300, true],
      [300, true],
      [-301, false],
      [301, false],
    ] as const) {
      const now = vector.now + seconds * 1_000;
      assert.equal(verify({ ...vector, now }, body()), holds, `${seconds} s`);
    }
  });

  test('is what the signatures of these tests come from', () => {
    const { keys, headers, now } = published();
    assert.deepEqual(signSlack(body(), keys[0] ?? '', now), headers);
  });

  test('verifies under another secret, another body or another version not at all', () => {
    const vector = published();
    assert.equal(verify({ ...vector, keys: [`${vector.keys[0]}x`] }, body()), false);
    assert.equal(verify(vector, Buffer.concat([body(), Buffer.from('\n')])), false);
    const signature = vector.headers['x-slack-signature'].replace('v0=', 'v1=');
    const headers = { ...vector.headers, 'x-slack-signature': signature };
    assert.equal(checkSignedHead(SLACK, { ...vector, headers }), 'malformed');
  });
});

describe("Slack's real bodies are read", { skip }, () => {
  const forms = names.filter((name) => /^slack-.*\.form$/.test(name));

  for (const name of forms) {
    test(name, () => {
      const request = parseSlackRequest(bytes(name));
      assert.match(request.team ?? '', /^T/);
      assert.match(request.user ?? '', /^U/);
      // In the home tab, there is no channel and no way to answer.
      if (!name.includes('home-tab')) {
        assert.match(request.channel ?? '', /^[CG]/);
        assert.match(request.responseUrl ?? '', /^https:\/\/hooks\.slack\.com\//);
      }
      const command = name.includes('slash-command');
      assert.equal(request.event.kind, command ? 'command' : 'other');
    });
  }

  test('there were some', () => assert.ok(forms.length >= 5));
});

describe("Google Chat's real bodies are read", { skip }, () => {
  const kinds = {
    'addon-button-clicked': 'click',
    'addon-message': 'message',
    'addon-slash-command': 'slash',
    'chatapi-app-command': 'welcome',
    'chatapi-card-clicked': 'click',
    'chatapi-slash-command': 'slash',
    'message.docs': 'message',
  };
  const events = names.filter((name) => name.startsWith('google-chat-'));

  for (const name of events) {
    test(name, () => {
      const event = parseChatEvent(JSON.parse(bytes(name).toString('utf8')));
      assert.equal(event.isAddOn, name.includes('-addon-'));
      assert.match(event.user ?? '', /^users\/\d+$/);
      assert.match(event.space ?? '', /^spaces\/\w+$/);
      const [, kind] = Object.entries(kinds).find(([part]) => name.includes(part)) ?? [];
      assert.equal(event.event.kind, kind);
      if (event.event.kind === 'slash') assert.doesNotMatch(event.event.text, /\//);
    });
  }

  test('there were some', () => assert.ok(events.length >= 9));
});
