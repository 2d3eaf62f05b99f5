import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as yaml from 'yaml';
import { systemClock } from '../../src/clock.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';

const auth = { bearer: 'env:TOKEN' };
const alerts = { type: 'alertmanager', auth };
const oncall = { type: 'slack', url: 'env:SLACK_URL' };
const chat = { type: 'google-chat', url: 'env:CHAT_URL' };
const people = { type: 'slack', signingSecret: 'env:TOKEN' };

function load(over: Record<string, unknown>, env: Record<string, string> = {}): Config {
  const config = {
    callers: { alerts },
    allow: [{ operations: ['projects/p/locations/*/operations/*'] }],
    ...over,
  };
  return loadConfig(JSON.stringify(config), {
    env: {
      TOKEN: 'a-secret-of-tests',
      SLACK_URL: 'https://hooks.slack.com/services/T/B/key-0123456789',
      CHAT_URL: 'https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t',
      ...env,
    },
    clock: systemClock,
    loadYaml: () => yaml,
    createKeySet: () => ({ get: async () => undefined }),
    post: async () => undefined,
    logError: () => {},
    warn: () => {},
  });
}

const withAlerts = (over: object, more: object = {}) => ({
  callers: { alerts: { ...alerts, ...over }, ...more },
});

describe('a configuration with destinations', () => {
  const faults: [string, Record<string, unknown>, RegExp][] = [
    [
      'that names an unknown destination',
      withAlerts({ notify: ['x'] }),
      /alerts\.notify\[0\] names a destination/,
    ],
    [
      'whose URL is elsewhere',
      { destinations: { x: { ...oncall, url: 'env:TOKEN' } } },
      /destinations\.x\.url is not/,
    ],
    [
      'that asks without a slack destination',
      { ...withAlerts({ mode: 'ask', notify: ['chat'] }, { people }), destinations: { chat } },
      /alerts\.mode "ask" needs a destination of type slack/,
    ],
    [
      'that asks without a slack caller',
      { ...withAlerts({ mode: 'ask', notify: ['oncall'] }), destinations: { oncall } },
      /alerts\.mode "ask" needs a caller of type slack/,
    ],
    [
      'that asks for a json caller',
      { callers: { ops: { type: 'json', auth, mode: 'ask' } } },
      /ops\.mode/,
    ],
    [
      'that waits longer than a request may take',
      withAlerts({ wait: '56s' }),
      /alerts\.wait must be at most 55s/,
    ],
    [
      'that waits longer than PagerDuty does',
      { callers: { alerts: { type: 'pagerduty', secrets: 'env:TOKEN', wait: '5s' } } },
      /alerts\.wait must be at most 4s/,
    ],
  ];
  for (const [what, over, message] of faults) {
    test(`${what} is refused, and no secret is quoted`, () => {
      assert.throws(
        () => load(over),
        (error: Error) => message.test(error.message) && !/a-secret|key-0123/.test(error.message),
      );
    });
  }

  test('gives a caller its destinations', () => {
    const config = load({
      ...withAlerts({ notify: ['oncall', 'chat'] }),
      destinations: { oncall, chat },
    });
    const names = config.callers.get('alerts')?.notify.map(({ name }) => name);
    assert.deepEqual(names, ['oncall', 'chat']);
  });
});

describe('the mode of a caller', () => {
  const cases: [string, Record<string, unknown>, string | undefined, string][] = [
    ['is enforce by default', {}, undefined, 'enforce'],
    ['is that of the configuration', { mode: 'observe' }, undefined, 'observe'],
    ['is its own', { mode: 'observe', ...withAlerts({ mode: 'enforce' }) }, undefined, 'enforce'],
    ['is that of CANCEL_HOOK_MODE', withAlerts({ mode: 'enforce' }), 'observe', 'observe'],
  ];
  for (const [what, over, variable, expected] of cases) {
    test(what, () => {
      const { callers } = load(over, variable ? { CANCEL_HOOK_MODE: variable } : {});
      assert.equal(callers.get('alerts')?.mode, expected);
    });
  }

  test('cannot be another one in CANCEL_HOOK_MODE', () => {
    assert.throws(
      () => load({}, { CANCEL_HOOK_MODE: 'ask' }),
      /CANCEL_HOOK_MODE must be enforce or/,
    );
  });
});
