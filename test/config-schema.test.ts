import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { systemClock } from '../src/clock.ts';
import { ConfigError, readConfig, type Surroundings } from '../src/config/config.ts';
import { configSchema } from '../src/config/config-schema.ts';
import { FAULTS, good, VARIANTS } from './support/config-faults.ts';
import { root } from './support/function.ts';

describe('each fault is found, and told with its path', () => {
  // What other types of callers are set up with is not needed here.
  const around = {
    env: { OPS_TOKEN: 'x', EMPTY: '', NOT_BASE64: 'whsec_canary!' },
    clock: systemClock,
    keySource: () => ({ get: async () => undefined }),
    log: () => {},
  } as Partial<Surroundings> as Surroundings;
  for (const { what, paths, config } of [...FAULTS, ...VARIANTS]) {
    test(what, () => {
      assert.throws(
        () => readConfig(JSON.stringify(config), around),
        (error) => {
          assert.ok(error instanceof ConfigError);
          const found = error.faults.map((fault) => fault.split(' ')[0] ?? '');
          for (const path of paths) assert.ok(found.includes(path), `${path} in ${found}`);
          assert.doesNotMatch(error.message, /canary/);
          return true;
        },
      );
    });
  }

  test('http: is for loopback, and all of it', () => {
    for (const url of [
      'http://127.0.0.1:9',
      'http://127.1.2.3',
      'http://localhost:9/',
      'http://[::1]:9',
    ]) {
      const config = { ...good(), endpoints: { privateca: url, googleCerts: `${url}/certs` } };
      assert.equal(readConfig(JSON.stringify(config), around).rules.length, 1, url);
    }
  });
});

describe('the published schema', () => {
  const published = JSON.parse(readFileSync(`${root}/deploy/cancel-hook.schema.json`, 'utf8'));

  test('is what the start checks', () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(configSchema)));
    assert.equal(published.$schema, 'http://json-schema.org/draft-07/schema#');
  });

  test('accepts what starts, and refuses what a schema can refuse', () => {
    // As an editor does it: without this project's options and words.
    const validate = new Ajv({ strict: false, allErrors: true }).compile(published);
    assert.ok(validate(good()), JSON.stringify(validate.errors));
    for (const { what, config, bySchema } of FAULTS) {
      assert.equal(validate(config), !bySchema, what);
    }
    assert.ok(FAULTS.filter(({ bySchema }) => bySchema).length > 25);
  });
});
