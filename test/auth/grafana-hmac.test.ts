/** Grafana's signature, as a function of its headers and the body. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grafanaHmac, grafanaHmacSettings } from '../../src/auth/grafana-hmac.ts';
import type { CallerDeps } from '../../src/caller-deps.ts';
import { systemClock } from '../../src/clock.ts';
import { StatusError } from '../../src/errors.ts';
import {
  createSettingsValidator,
  createTestDeps,
  authenticate as found,
  getChallenge,
  isAuthenticated,
} from '../support/auth.ts';

interface Settings {
  readonly header?: string;
  readonly timestampHeader?: string;
}

/** The proof under the secret `secret`, at that time, and the errors that it found. */
function proofOf(settings: Settings, now = 0) {
  const errors: unknown[] = [];
  const deps = {
    clock: { ...systemClock, now: () => now },
    secret: () => async () => ['another', 'secret'],
    addError: (at: unknown) => errors.push(at),
  } as unknown as CallerDeps;
  return { proof: grafanaHmac({ secret: 'env:SECRET', ...settings }, deps, ['hmac']), errors };
}

async function verdict(
  settings: Settings,
  headers: Readonly<Record<string, string>>,
  { body = 'test message', now = 0 } = {},
): Promise<boolean> {
  return proofOf(settings, now)
    .proof({ headers, query: '', method: 'POST', receivedAt: now })
    .then(
      (shown) => typeof shown === 'function' && shown(Buffer.from(body)),
      (error) => {
        assert.ok(error instanceof StatusError && error.reason === 'UNAUTHENTICATED');
        return false;
      },
    );
}

/** Published by Grafana: the key `secret`, the body `test message`, and the time 0 where there is one. */
const PLAIN = '3bcebf43c85d20bba6e3b6ba278af1d2ba3ab0d57de271b0ad30b833e851c5a6';
const TIMED = 'ac18a483a582b60a883e974541afe25aa1026136163e94665649743324183ef1';
const SIGNATURE = 'x-grafana-alerting-signature';
const timed = { timestampHeader: 'X-Time' };

test('the published vectors verify', async () => {
  assert.ok(await verdict({}, { [SIGNATURE]: PLAIN }));
  assert.ok(await verdict(timed, { [SIGNATURE]: TIMED, 'x-time': '0' }));
  assert.ok(await verdict({ header: 'X-Signature' }, { 'x-signature': PLAIN }));
});

test('a time is needed where one is configured, and means nothing where none is', async () => {
  assert.ok(!(await verdict(timed, { [SIGNATURE]: PLAIN })));
  assert.ok(!(await verdict(timed, { [SIGNATURE]: TIMED })));
  assert.ok(!(await verdict(timed, { [SIGNATURE]: TIMED, 'x-time': '' })));
  assert.ok(!(await verdict({}, { [SIGNATURE]: TIMED, 'x-time': '0' })));
  assert.ok(await verdict({}, { [SIGNATURE]: PLAIN, 'x-time': '0' }, { now: 1e12 }));
});

test('five minutes on either side are the limit', async () => {
  const headers = { [SIGNATURE]: TIMED, 'x-time': '0' };
  for (const [now, fits] of [
    [300_000, true],
    [-300_000, true],
    [300_001, false],
    [-300_001, false],
  ] as const) {
    assert.equal(await verdict(timed, headers, { now }), fits, `${now}`);
  }
});

test('a signature elsewhere, in another writing or of another body is none', async () => {
  assert.ok(!(await verdict({ header: 'X-Signature' }, { [SIGNATURE]: PLAIN })));
  assert.ok(!(await verdict({}, { [SIGNATURE]: PLAIN.toUpperCase() })));
  assert.ok(!(await verdict({}, { [SIGNATURE]: `sha256=${PLAIN}` })));
  assert.ok(!(await verdict({}, { [SIGNATURE]: `${PLAIN}, ${PLAIN}` })));
  assert.ok(!(await verdict({}, { [SIGNATURE]: PLAIN }, { body: 'test message ' })));
  assert.ok(!(await verdict({}, {})));
});

test('a time that shares the header of the signature is a fault', () => {
  const { errors } = proofOf({ header: 'X-Both', timestampHeader: 'x-both' });
  assert.deepEqual(errors, [['hmac', 'timestampHeader']]);
  assert.deepEqual(proofOf(timed).errors, []);
});

test('each secret of a rotation is accepted, and tells no person', async () => {
  const { deps, errors } = createTestDeps({ 'env:OLD': 'secret', 'env:NEW': 'new' });
  const proof = grafanaHmac({ secret: ['env:NEW', 'env:OLD', 'env:GONE'] }, deps, ['auth', 'hmac']);
  assert.deepEqual(errors, [{ at: ['auth', 'hmac', 'secret'], message: 'is missing' }]);
  const shown = { headers: { [SIGNATURE]: PLAIN }, body: 'test message' };
  assert.deepEqual(await found(proof, shown), []);
  assert.equal(await getChallenge(proof, { ...shown, body: 'other' }), undefined);
});

test('a header that came twice is none', async () => {
  const { deps } = createTestDeps({ 'env:S': 'secret' });
  const plain = grafanaHmac({ secret: 'env:S' }, deps, []);
  const withTime = grafanaHmac(
    { secret: 'env:S', ...timed },
    createTestDeps({ 'env:S': 'secret' }, {}, () => 0).deps,
    [],
  );
  const body = 'test message';
  const good = { [SIGNATURE]: TIMED, 'x-time': '0' };
  assert.ok(await isAuthenticated(withTime, { headers: good, body }));
  for (const many of [1, 2]) {
    const signatures = Array<string>(many).fill(PLAIN);
    assert.ok(!(await isAuthenticated(plain, { headers: { [SIGNATURE]: signatures }, body })));
    const times = Array<string>(many).fill('0');
    assert.ok(!(await isAuthenticated(withTime, { headers: { ...good, 'x-time': times }, body })));
  }
});

test('a time that shares a header is told in words', () => {
  const { deps, errors } = createTestDeps({ 'env:S': 'secret' });
  const header = 'X-Grafana-Alerting-Signature';
  grafanaHmac({ secret: 'env:S', timestampHeader: header.toLowerCase() }, deps, ['hmac']);
  const message = 'must be another header than the signature';
  assert.deepEqual(errors, [{ at: ['hmac', 'timestampHeader'], message }]);
});

test('the settings are a secret, and names of headers', () => {
  const errors = createSettingsValidator(grafanaHmacSettings);
  const secret = 'env:S';
  assert.deepEqual(errors({ secret }), []);
  assert.deepEqual(errors({ secret, header: "X-a!#$%&'*+.^_`|~1", timestampHeader: 'T' }), []);
  assert.deepEqual(errors({}), ['secret is required']);
  assert.deepEqual(errors({ secret, algorithm: 'md5' }), ['algorithm is unknown']);
  assert.deepEqual(errors([]), ['must be an object']);
  assert.deepEqual(errors({ secret, header: 'a b' }), ["header must be a header's name"]);
  for (const key of ['header', 'timestampHeader']) {
    for (const name of ['', 'a b', 'a:', 'é', 'a\n', '(a)', 'a,b', 1, ['a']]) {
      assert.equal(errors({ secret, [key]: name }).length, 1, `${key} ${name}`);
    }
  }
  assert.notDeepEqual(errors({ secret: 'secret' }), []);
});
