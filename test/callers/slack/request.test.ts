import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { identitiesOf, isSslCheck, parseSlackRequest } from '../../../src/callers/slack/request.ts';
import {
  CHANNEL,
  clickForm,
  payloadForm,
  slashForm,
  TEAM,
  USER,
} from '../../../src/cli/send/senders/slack.ts';
import { StatusError } from '../../../src/errors.ts';

const parse = (form: string) => parseSlackRequest(Buffer.from(form));
const identities = (form: string) => identitiesOf(parse(form));

describe('the identities', () => {
  test('of a command are the person and the channel, in the workspace where it was typed', () => {
    assert.deepEqual(identities(slashForm('help')), [`${TEAM}/${USER}`, `${TEAM}/${CHANNEL}`]);
    const enterprise = { team_id: 'T0GRID', enterprise_id: 'E0GRID', user_id: 'W0GRID' };
    assert.deepEqual(identities(slashForm('help', enterprise)), [
      'T0GRID/W0GRID',
      `T0GRID/${CHANNEL}`,
    ]);
  });

  test("of a click have the person's own team: a workspace, or the organization of a Grid", () => {
    for (const team of ['T0HOME', 'E0GRID']) {
      for (const over of [{}, { team: null, is_enterprise_install: true }]) {
        const form = clickForm('x', { ...over, user: { id: USER, team_id: team } });
        assert.deepEqual(identities(form), [`${team}/${USER}`, `${team}/${CHANNEL}`]);
      }
    }
  });

  test("of a click from another company are never those of the message's workspace", () => {
    const form = clickForm('x', { user: { id: USER, team_id: 'T0OTHER' }, team: { id: TEAM } });
    assert.deepEqual(identities(form), [`T0OTHER/${USER}`, `T0OTHER/${CHANNEL}`]);
  });

  test("of a click without a team of the person are in the message's workspace", () => {
    const form = clickForm('x', { user: { id: USER }, team: { id: TEAM } });
    assert.deepEqual(identities(form), [`${TEAM}/${USER}`, `${TEAM}/${CHANNEL}`]);
  });

  test('are missing without a team or a person, or with an id that is none', () => {
    for (const form of [
      slashForm('help', { team_id: undefined }),
      slashForm('help', { user_id: undefined }),
      slashForm('help', { team_id: '' }),
      slashForm('help', { team_id: `${TEAM}/${USER}`, user_id: 'x' }),
      slashForm('help', { user_id: `../${USER}` }),
      clickForm('x', { team: null, user: { id: USER } }),
      clickForm('x', { user: null }),
    ]) {
      assert.deepEqual(identities(form), [], form);
    }
  });
});

describe('the event', () => {
  test('of a slash command has its name and text', () => {
    assert.deepEqual(parse(slashForm('list x', { command: '/stop-it' })).event, {
      kind: 'command',
      command: '/stop-it',
      text: 'list x',
    });
    const { event } = parse(slashForm('', { command: '/a`b' }));
    assert.deepEqual(event, { kind: 'command', command: '', text: '' });
  });

  test('of a click on a button of the function has its value and the command in its block', () => {
    const action = { action_id: 'cancel_operation', value: 'v', block_id: '/cancel-op 3' };
    const { event } = parse(clickForm('', { actions: [action] }));
    assert.ok(event.kind === 'button');
    assert.deepEqual([event.action, event.command, event.value], ['cancel', '/cancel-op', 'v']);
    const hostile = { ...action, action_id: 'operation_status', block_id: '/x` <!here> 1' };
    const status = parse(clickForm('', { actions: [hostile] })).event;
    assert.ok(status.kind === 'button');
    assert.deepEqual([status.action, status.command], ['status', '']);
  });

  test('of every other interaction is none of the function', () => {
    for (const form of [
      clickForm('x', { actions: [{ action_id: 'other', value: 'x' }] }),
      clickForm('x', { type: 'message_action' }),
      clickForm('x', { actions: [] }),
      payloadForm({ type: 'view_closed' }),
    ]) {
      assert.deepEqual(parse(form).event, { kind: 'other' });
    }
  });
});

test('a payload that is no interaction, and a form of too many fields, are refused', () => {
  for (const form of [
    'payload=',
    'payload=%7B',
    payloadForm([]),
    payloadForm({ type: 7 }),
    `${'a=b&'.repeat(300)}text=help`,
  ]) {
    assert.throws(
      () => parse(form),
      (error) => error instanceof StatusError && error.reason === 'MALFORMED_BODY',
    );
  }
});

test('only the fields of an ssl_check, once each, are an ssl_check', () => {
  for (const form of ['ssl_check=1', 'ssl_check=1&token=x', 'token=x&ssl_check=1']) {
    assert.ok(isSslCheck(Buffer.from(form)), form);
  }
  for (const form of [
    `ssl_check=1&${slashForm('help')}`,
    `${clickForm('x')}&ssl_check=1`,
    'ssl_check=1&text=cancel',
    'ssl_check=0',
    'ssl_check=1&ssl_check=1',
    'ssl_check=11',
    'ssl_check',
    'SSL_CHECK=1',
    'token=x',
    `ssl_check=1&token=${'x'.repeat(1_000)}`,
    '',
  ]) {
    assert.ok(!isSslCheck(Buffer.from(form)), form);
  }
});
