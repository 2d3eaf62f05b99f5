/** `cancel-hook send`: every type with every scheme, to a function that runs. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { TYPES } from '../../../src/cli/send/settings.ts';
import type { Fixture } from '../../fixtures/fixture.ts';
import { ALL_CALLERS, callerFixtures, routed, toWorld } from '../../support/callers.ts';
import { type CliResult, runCli } from '../../support/cli.ts';
import { createName, getApiPaths, startTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp(ALL_CALLERS);
});
after(() => app.stop());
beforeEach(() => app.reset());

type Fields = Readonly<Record<string, unknown>>;

/** The token that a fixture's sender would come with; undefined where there is none. */
function tokenOf(fixture: Fixture, secret: 'current' | 'wrongKey'): string | undefined {
  const { auth = {}, type } = fixture.settings as { auth?: Fields; type: string };
  if (!('google' in auth || 'iam' in auth || type === 'google-chat')) return undefined;
  const { headers } = fixture.send(toWorld(app), '{}', { secret });
  return headers.authorization?.replace('Bearer ', '');
}

/** As an operator who has the configuration, and its secrets, would send it. */
function byConfiguration({ fixture, route }: (typeof routed)[number]): string[] {
  const token = tokenOf(fixture, 'current') === undefined ? [] : ['--id-token', 'env:TOKEN'];
  return ['--config', JSON.stringify(app.config), '--caller', route, ...token];
}

const OPTION: Readonly<Record<string, string>> = {
  username: '--username',
  header: '--header',
  timestampHeader: '--timestamp-header',
};

/** The same, told by options alone. */
function byOptions({ type, fixture, route }: (typeof routed)[number]): string[] {
  const { auth, field, serviceAccount } = fixture.settings as {
    auth?: Fields;
    field?: string;
    serviceAccount?: string;
  };
  const [name, value] = Object.entries(auth ?? {})[0] ?? [];
  const settings = Object.entries(typeof value === 'object' && value ? value : {});
  const [secret] = Object.keys(fixture.env);
  return [
    ...['--type', type, '--caller', route],
    ...(name === undefined ? [] : ['--auth', name]),
    ...settings.flatMap(([key, text]) => (OPTION[key] ? [OPTION[key], String(text)] : [])),
    ...(secret === undefined ? ['--id-token', 'env:TOKEN'] : ['--secret', `env:${secret}`]),
    ...(field === undefined ? [] : ['--field', field]),
    ...(serviceAccount === undefined ? [] : ['--add-on']),
  ];
}

/** Sends, and checks that no credential is printed. */
async function send(
  args: readonly string[],
  fixture: Fixture,
  secret: 'current' | 'wrongKey' = 'current',
): Promise<CliResult> {
  const token = tokenOf(fixture, secret);
  const env: Record<string, string> = token === undefined ? {} : { TOKEN: token };
  for (const [name, value] of Object.entries(fixture.env)) {
    const other = value.replace(/(?<=^.{8})./, (one) => (one === 'a' ? 'b' : 'a'));
    env[name] = secret === 'current' ? value : other;
  }
  const said = await runCli(['send', '--url', app.process.url, ...args], { env });
  const credentials = said.sent.flatMap(({ headers, query }) => {
    const { 'content-type': _, 'user-agent': __, ...others } = headers;
    return [...Object.values(others), query];
  });
  for (const credential of [...Object.values(env), ...credentials].filter((one) => one !== '')) {
    assert.ok(!`${said.out}${said.err}`.includes(credential), `says ${credential}`);
  }
  return said;
}

describe('every type and scheme that a configuration may name', () => {
  test('is among these', () => {
    const known = [...TYPES].flatMap(([type, schemes]) =>
      schemes.length === 0 ? [type] : schemes.map((scheme) => `${type} ${scheme}`),
    );
    const tried = callerFixtures.flatMap(({ type, fixtures }) =>
      fixtures.map(({ settings: { auth } }) =>
        [type, ...Object.keys((auth ?? {}) as Fields)].join(' '),
      ),
    );
    assert.deepEqual(new Set(tried), new Set(known));
    assert.ok(known.length >= 16, `${known.length}`);
  });
});

for (const one of routed) {
  const { type, fixture, route } = one;
  const button = fixture.name === 'button' ? ['--button'] : [];

  describe(`${type}: ${fixture.name}`, () => {
    for (const [way, options] of [
      ['the configuration', byConfiguration],
      ['options', byOptions],
    ] as const) {
      test(`${way} is enough to have an operation cancelled`, async () => {
        const name = app.createOperation();
        const { code, out, err } = await send([...options(one), ...button, name], fixture);
        assert.deepEqual(app.cancelled(), [name], out + err);
        assert.match(out, /^POST http:\/\/127\.0\.0\.1:\d+\/[a-z-]+-\d\n200 OK\n/);
        assert.equal(code, 0, out + err);
      });
    }

    test('a wrong secret is told as a 401, and where to look', async () => {
      const name = app.createOperation();
      const args = [...byConfiguration(one), ...button, name];
      const { code, out, err } = await send(args, fixture, 'wrongKey');
      assert.deepEqual(getApiPaths(app.emulator), []);
      assert.equal(code, 1);
      assert.match(out, /\n401 Unauthorized\n/);
      assert.match(err, /did not accept the credentials/);
      assert.ok(err.includes(`jsonPayload.caller="${route}"`), err);
    });

    test('a refusal is a 1, whatever its status', async () => {
      for (const parent of ['projects/other/locations/us-central1', undefined]) {
        const name = createName(parent);
        const { code, out, err } = await send([...byConfiguration(one), ...button, name], fixture);
        assert.ok(parent === undefined || getApiPaths(app.emulator).length === 0);
        if (button.length === 0) assert.equal(code, 1, out + err);
        else assert.match(err, /Slack ignores the response to a button/);
      }
    });
  });
}
