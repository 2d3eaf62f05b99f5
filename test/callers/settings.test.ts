/** The settings of each caller of an alerting system: what starts, and which faults are told. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError, formatIssue } from '../../src/validation/validator.ts';
import { callerFixtures } from '../support/callers.ts';
import { createConfigDeps } from '../support/config-deps.ts';

const ALLOW = [{ operations: ['projects/*/locations/*/operations/*'] }];

/** The paths of the faults, below the caller. */
function findIssues(
  caller: unknown,
  env: Readonly<Record<string, string>> = { S: 'a-secret' },
): string[] {
  try {
    loadConfig(
      JSON.stringify({ callers: { it: caller }, allow: ALLOW }),
      createConfigDeps({ env }),
    );
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.issues
      .map(formatIssue)
      .map((fault) => fault.split(' ')[0]?.replace('$.callers.it', '') ?? '');
  }
}

describe('every type of caller takes cancelsPerMinute', () => {
  for (const { type, fixtures } of callerFixtures) {
    const [{ settings, env } = assert.fail()] = fixtures;
    test(type, () => assert.deepEqual(findIssues({ ...settings, cancelsPerMinute: 5 }, env), []));
  }
});

describe('the settings of every fixture start', () => {
  for (const { type, fixtures } of callerFixtures) {
    for (const { name, settings, env } of fixtures) {
      test(`${type}: ${name}`, () => assert.deepEqual(findIssues(settings, env), []));
    }
  }
});

const bearer = { bearer: 'env:S' };
const basic = { basic: { username: 'u', password: 'env:S' } };
const google = { google: { audience: 'https://a.example', emails: ['a@b.example'] } };
const hmac = (over: object = {}) => ({ hmac: { secret: 'env:S', ...over } });
const preset = { parent: 'projects/p/locations/-', olderThan: '6h' };

describe('an authentication that its sender cannot use is a fault', () => {
  for (const [type, refused] of Object.entries({
    alertmanager: [google, hmac(), { token: 'env:S' }, { iam: true }],
    grafana: [google, { token: 'env:S' }, { standardWebhooks: 'env:S' }],
    'cloud-monitoring': [bearer, google, hmac()],
    pubsub: [bearer, basic],
    json: [hmac(), { token: 'env:S' }],
  })) {
    for (const auth of refused) {
      test(`${type}: ${Object.keys(auth)}`, () => {
        assert.deepEqual(findIssues({ type, auth }), [`.auth.${Object.keys(auth)}`]);
      });
    }
  }
});

describe('a fault is told by its path', () => {
  const cases: readonly (readonly [caller: object, ...paths: string[]])[] = [
    [{ type: 'alertmanager' }, '.auth'],
    [{ type: 'alertmanager', auth: { ...bearer, ...basic } }, '.auth'],
    [{ type: 'alertmanager', auth: bearer, field: '' }, '.field'],
    [{ type: 'alertmanager', auth: bearer, fields: 'x' }, '.fields'],
    [{ type: 'grafana', auth: { hmac: {} } }, '.auth.hmac.secret'],
    [{ type: 'grafana', auth: hmac({ secret: 'canary' }) }, '.auth.hmac.secret'],
    [{ type: 'grafana', auth: hmac({ secret: ['env:S', 'env:NONE'] }) }, '.auth.hmac.secret[1]'],
    [{ type: 'grafana', auth: hmac({ header: 'X Signature' }) }, '.auth.hmac.header'],
    [{ type: 'grafana', auth: hmac({ timestampHeader: '' }) }, '.auth.hmac.timestampHeader'],
    [{ type: 'grafana', auth: hmac({ encoding: 'hex' }) }, '.auth.hmac.encoding'],
    [
      { type: 'grafana', auth: hmac({ timestampHeader: 'x-grafana-alerting-signature' }) },
      '.auth.hmac.timestampHeader',
    ],
    [{ type: 'cloud-monitoring', auth: { token: 'env:NONE' } }, '.auth.token'],
    [{ type: 'cloud-monitoring', auth: basic, field: 'operation' }, '.field'],
    [{ type: 'alertmanager', auth: bearer, cancelsPerMinute: 0 }, '.cancelsPerMinute'],
    [{ type: 'json', auth: bearer, cancelsPerMinute: 1.5 }, '.cancelsPerMinute'],
    [{ type: 'slack', signingSecret: 'env:S', cancelsPerMinute: '5' }, '.cancelsPerMinute'],
    [{ type: 'pagerduty' }, '.secrets'],
    [{ type: 'pagerduty', secrets: [] }, '.secrets'],
    [{ type: 'pagerduty', secrets: 'env:NONE' }, '.secrets'],
    [{ type: 'pagerduty', secrets: 'env:S', auth: bearer }, '.auth'],
  ];
  for (const [caller, ...paths] of cases) {
    test(JSON.stringify(caller), () => assert.deepEqual(findIssues(caller), paths));
  }
});

describe('a preset', () => {
  const withPreset = (over: object) =>
    findIssues({ type: 'alertmanager', auth: bearer, preset: { ...preset, ...over } });

  for (const [type, settings] of Object.entries({
    alertmanager: { auth: bearer },
    grafana: { auth: hmac() },
    'cloud-monitoring': { auth: basic },
    pagerduty: { secrets: 'env:S' },
  })) {
    test(`belongs to ${type}`, () =>
      assert.deepEqual(findIssues({ type, ...settings, preset }), []));
  }

  for (const [over, path] of [
    [{ parent: 'projects/p' }, '.preset.parent'],
    [{ parent: undefined }, '.preset.parent'],
    [{ olderThan: 'soon' }, '.preset.olderThan'],
    [{ olderThan: undefined }, '.preset.olderThan'],
    [{ targets: ['projects//caPools'] }, '.preset.targets[0]'],
    [{ verbs: [] }, '.preset.verbs'],
    [{ limit: 0 }, '.preset.limit'],
    [{ reason: 'r'.repeat(257) }, '.preset.reason'],
    [{ name: 'x' }, '.preset.name'],
  ] as const) {
    test(`with a fault is a fault: ${JSON.stringify(over).slice(0, 60)}`, () =>
      assert.deepEqual(withPreset(over), [path]));
  }
});
