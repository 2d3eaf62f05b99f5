/** No secret comes out of a start that fails, whatever it fails on. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { assertNoLeak, CANARY } from '../support/canary.ts';
import { freePort, spawnFunction } from '../support/function.ts';
import { ALLOW_ALL, createConfig, OPS_CALLER, OPS_TOKEN } from '../support/test-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const sound = createConfig('http://127.0.0.1:1');
const caller = (settings: object) => ({ ...sound, callers: { ops: OPS_CALLER, other: settings } });
const auth = (value: object) => caller({ type: 'json', auth: value });
const imported = (code: string) => `--import=data:text/javascript,${encodeURIComponent(code)}`;

interface Start {
  readonly config: unknown;
  readonly env?: Record<string, string>;
  /** What is told all the same. */
  readonly tells?: RegExp;
}

const starts: Readonly<Record<string, Start>> = {
  'text that is no JSON': {
    config: `{"callers": {"ops": "${CANARY}"`,
    tells: /not valid YAML|misses a character|indentation/,
  },
  'a file that is no JSON': {
    config: file('broken.json', `{"a": ${CANARY}`),
    tells: /YAML|misses|indentation/,
  },
  'a path that holds a secret by mistake': { config: CANARY, tells: /readable file/ },
  'a secret in the place of its reference': {
    config: auth({ bearer: CANARY }),
    tells: /reference/,
  },
  'one among others': { config: auth({ bearer: ['env:OPS_TOKEN', CANARY] }), tells: /reference/ },
  'a password in the place of its reference': {
    config: auth({ basic: { username: 'u', password: CANARY } }),
    tells: /reference/,
  },
  'a secret of the wrong form': {
    config: auth({ standardWebhooks: 'env:SIGNING' }),
    env: { SIGNING: CANARY },
    tells: /\$\.callers\.other\.auth\.standardWebhooks/,
  },
  'a secret in a file, of the wrong form': {
    config: auth({ standardWebhooks: `file:${file('secret', CANARY)}` }),
    tells: /standardWebhooks/,
  },
  'a secret of the wrong kind': { config: auth({ bearer: { value: CANARY } }), tells: /bearer/ },
  'a secret beside its reference': {
    config: auth({ bearer: 'env:OPS_TOKEN', basic: CANARY }),
    tells: /\$\.callers\.other/,
  },
  'an unknown type': { config: caller({ type: CANARY, secret: CANARY }), tells: /type/ },
  'an endpoint with a password': {
    config: { ...sound, endpoints: { privateca: `https://u:${CANARY}@host/` } },
    tells: /\$\.endpoints\.privateca/,
  },
  'an endpoint with a key in its query': {
    config: { ...sound, endpoints: { googleCerts: `https://host/certs?key=${CANARY}` } },
    tells: /\$\.endpoints\.googleCerts/,
  },
  'an endpoint that is none': {
    config: { ...sound, endpoints: { slack: CANARY } },
    tells: /slack/,
  },
  'a queue that is none': { config: { ...sound, queue: CANARY }, tells: /\$\.queue/ },
  'limits that are none': { config: { ...sound, limits: { bodyBytes: CANARY } }, tells: /limits/ },
  'a mode that is none': { config: { ...sound, mode: CANARY }, tells: /\$\.mode/ },
  'a pattern that is none': {
    config: { ...sound, allow: [{ operations: [`projects/p/../${CANARY}`] }] },
    tells: /\$\.allow\[0\]/,
  },
  'a rule for a caller that does not exist': {
    config: { ...sound, allow: [{ ...ALLOW_ALL[0], callers: [CANARY] }] },
    tells: /\$\.allow\[0\]\.callers/,
  },
  'a variable that would tell tokens': {
    config: sound,
    env: { NODE_DEBUG: CANARY },
    tells: /NODE_DEBUG/,
  },
  'an address of the metadata server with a password': {
    config: { ...sound, mode: 'none' },
    env: { GCE_METADATA_HOST: `u:${CANARY}@127.0.0.1:1`, HTTPS_PROXY: `http://u:${CANARY}@h:1` },
    tells: /\$\.mode/,
  },
  'an exception that nobody foresaw, in the configuration': {
    config: sound,
    env: {
      NODE_OPTIONS: imported(
        `const { fromEntries } = Object;
         Object.fromEntries = (entries) => {
           const made = fromEntries(entries);
           if (made.privateca) throw new Error(${JSON.stringify(CANARY)});
           return made;
         };`,
      ),
    },
    tells: /"severity":"CRITICAL".*The start failed/,
  },
};

describe('a start that fails tells why, and no secret:', { concurrency: 2 }, () => {
  for (const [what, { config, env = {}, tells }] of Object.entries(starts)) {
    test(what, async () => {
      const secrets = { OPS_TOKEN, API_KEY: CANARY, DATABASE_URL: `db://u:${CANARY}@h/` };
      const child = spawnFunction({ config, env: { ...secrets, ...env } }, await freePort());
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk) => {
          said += chunk;
        });
      }
      const [code] = await once(child, 'close');
      assert.ok(code > 0, said);
      assertNoLeak(said, [OPS_TOKEN]);
      assert.match(said, tells ?? /./);
      for (const line of said.trim().split('\n')) assert.equal(typeof JSON.parse(line), 'object');
    });
  }
});
