import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { addOn, app as chatApi, PERSON, SPACE } from '../../src/cli/send/senders/google-chat.ts';
import type { MintOptions } from '../emulator/index.ts';
import {
  ADD_ON_ACCOUNT,
  CHAT_ACCOUNT,
  ENDPOINT,
  getButtons,
  getMessage,
  type Message,
  NUMBER,
} from '../support/chat.ts';
import { chatCaller } from '../support/presets.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const ANY_OF = (project: string) => [`projects/${project}/locations/*/operations/*`];
const RULES = {
  allow: [
    { operations: ANY_OF('my-project') },
    { operations: ANY_OF('one-person'), principals: [PERSON.name] },
    { operations: ANY_OF('one-email'), principals: [PERSON.email] },
    { operations: ANY_OF('one-space'), principals: [SPACE.name] },
  ],
};

interface Token {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly mint?: MintOptions;
}

const google = { aud: ENDPOINT, email_verified: true };
const TOKENS = {
  number: { claims: { aud: NUMBER }, mint: { key: 'chat' } },
  url: { claims: { ...google, email: CHAT_ACCOUNT } },
  addOn: { claims: { ...google, email: ADD_ON_ACCOUNT } },
} as const satisfies Record<string, Token>;

const SETTINGS = {
  number: { type: 'google-chat', audience: NUMBER },
  url: { type: 'google-chat', audience: ENDPOINT },
  addOn: { type: 'google-chat', audience: ENDPOINT, serviceAccount: ADD_ON_ACCOUNT },
};

async function post(app: TestApp, event: unknown, { claims, mint }: Token) {
  const token = app.emulator.mintIdToken({ ...claims }, mint);
  return app.process.http
    .post('/chat')
    .set({ 'Content-Type': 'application/json; charset=UTF-8', Authorization: `Bearer ${token}` })
    .send(JSON.stringify(event));
}

const cancelled = ({ emulator }: TestApp) => getCancelRequests(emulator).map(({ path }) => path);

/** The same conversation in both shapes. */
for (const [title, settings, token, events] of [
  ['a Chat API app', SETTINGS.number, TOKENS.number, chatApi],
  ['a Workspace add-on', SETTINGS.addOn, TOKENS.addOn, addOn],
] as const) {
  describe(title, () => {
    const isAddOn = title === 'a Workspace add-on';
    let app: TestApp;
    before(async () => {
      app = await startTestApp(chatCaller(settings, RULES));
    });
    after(() => app.stop());
    beforeEach(() => app.emulator.clearRequests());
    afterEach(() => app.emulator.clearScripts());

    /** The message in the response to an event, which must have the shape of the event. */
    async function send(event: unknown): Promise<Message> {
      const answer = await post(app, event, token);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual('hostAppDataAction' in answer.body, isAddOn);
      return getMessage(answer.body);
    }

    async function assertNoMessage(event: unknown): Promise<void> {
      const answer = await post(app, event, token);
      assert.deepEqual([answer.status, answer.body], [200, {}]);
    }

    test('a cancel is told to the space, with who asked and why', async () => {
      const name = app.createOperation();
      const answer = await post(app, events.slash(`cancel ${name} ran away`), token);
      assert.equal(answer.headers['cancel-outcome'], 'CANCELLED');
      const message = getMessage(answer.body);
      assert.match(message.text, /^Cancelled: `/);
      assert.ok(message.text.includes(`\`${name}\``));
      assert.ok(message.text.includes(`Requested by <${PERSON.name}>: \`ran away\``));
      assert.equal(message.privateMessageViewer, undefined);
      assert.deepEqual(cancelled(app), [`/v1/${name}:cancel`]);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.equal(line.principal, PERSON.name);
    });

    test('an outcome that takes longer than Slack would wait is waited for', async () => {
      const name = app.createOperation({ cancelDelay: 3_500 });
      assert.match((await send(events.slash(`cancel ${name}`))).text, /^Cancelled: /);
    });

    test('a refusal says why, to the person alone', async () => {
      const message = await send(events.slash('cancel projects/other/locations/l/operations/o'));
      assert.match(message.text, /^No rule allows you to cancel `projects\/other/);
      for (const id of [PERSON.name, PERSON.email, SPACE.name]) {
        assert.ok(message.text.includes(`\`${id}\``), id);
      }
      assert.deepEqual(message.privateMessageViewer, { name: PERSON.name });
      assert.equal(app.emulator.requests.filter(({ path }) => path.startsWith('/v1/')).length, 0);
    });

    test('help is private in a space, and needs no privacy in a direct message', async () => {
      const help = await send(events.slash(''));
      assert.match(help.text, /`\/cancelOp cancel NAME reason`/);
      assert.deepEqual(help.privateMessageViewer, { name: PERSON.name });
      const space = { ...SPACE, type: 'DM', spaceType: 'DIRECT_MESSAGE' };
      const direct = await send(events.slash('help', { space }));
      assert.equal(direct.privateMessageViewer, undefined);
    });

    test('a list has a Cancel button each, which asks, and then cancels', async () => {
      const place = 'projects/my-project/locations/list';
      const names = ['a', 'b'].map((id, index) =>
        app.createOperation({
          name: `${place}/operations/${id}`,
          createTime: Date.now() - (3 - index) * 60_000,
        }),
      );
      const list = await send(events.slash(`list ${place}`));
      assert.deepEqual(list.privateMessageViewer, { name: PERSON.name });
      const buttons = getButtons(list);
      assert.deepEqual(
        buttons.map(
          ({ parameters }: { parameters: Record<string, string> }) => parameters.operation,
        ),
        names,
      );
      const [{ text, parameters, handler }] = buttons;
      assert.equal(text, 'Cancel');
      assert.equal(handler, isAddOn ? ENDPOINT : 'cancel_operation');

      const question = await send(events.click(parameters));
      assert.match(question.text, /^Cancel this operation\?/);
      assert.deepEqual(question.privateMessageViewer, { name: PERSON.name });
      assert.deepEqual(cancelled(app), [], 'the first click only asks');
      const [confirm, ...more] = getButtons(question);
      assert.deepEqual([confirm.text, more], ['Yes, cancel it', []]);

      const done = await send(events.click(confirm.parameters));
      assert.match(done.text, /^Cancelled: /);
      assert.equal(done.privateMessageViewer, undefined);
      assert.deepEqual(cancelled(app), [`/v1/${names[0]}:cancel`]);
      if (!isAddOn) assert.deepEqual(done.actionResponse, { type: 'NEW_MESSAGE' });

      const late = await send(events.click(parameters));
      assert.match(late.text, /^Done: /, 'nothing is left to ask');
      assert.deepEqual(getButtons(late), []);
    });

    test('a click is held to the rules, first and second', async () => {
      const operation = 'projects/other/locations/l/operations/o';
      for (const parameters of [{ operation }, { operation, step: 'ask' }]) {
        assert.match((await send(events.click(parameters))).text, /^No rule allows/);
      }
    });

    test('a name in a message asks first, and the word cancel cancels', async () => {
      const name = app.createOperation();
      const question = await send(events.mention(`${name} looks stuck`));
      assert.match(question.text, /^Cancel this operation\?/);
      assert.deepEqual(cancelled(app), []);
      assert.match((await send(events.mention(`cancel ${name}`))).text, /^Cancelled: /);
    });

    test('a command in the message that adds the app is obeyed', async () => {
      const name = app.createOperation();
      assert.match((await send(events.added(`cancel ${name}`))).text, /^Cancelled: /);
      assert.deepEqual(cancelled(app), [`/v1/${name}:cancel`]);
    });

    test('an event that asks for nothing gets an empty response', async () => {
      await assertNoMessage(events.removed());
      await assertNoMessage(events.click({ operation: 'x' }));
      await assertNoMessage(events.slash(`cancel ${app.createOperation()}`, { user: undefined }));
      assert.deepEqual(app.emulator.requests, []);
    });

    test('a rule may name a person, an email or a space, and nobody else matches', async () => {
      const others = {
        'one-person': { user: { ...PERSON, name: 'users/1' } },
        'one-email': { user: { ...PERSON, email: 'ada@elsewhere.example' } },
        'one-space': { space: { ...SPACE, name: 'spaces/other' } },
      };
      for (const [project, origin] of Object.entries(others)) {
        const text = `status projects/${project}/locations/l/operations/o`;
        assert.match((await send(events.slash(text))).text, /^Google Cloud answered 404/, project);
        assert.match((await send(events.slash(text, origin))).text, /^No rule allows/, project);
      }
    });
  });
}

describe('a token', () => {
  const apps = {} as Record<keyof typeof SETTINGS, TestApp>;
  before(async () => {
    for (const [way, settings] of Object.entries(SETTINGS)) {
      apps[way as keyof typeof SETTINGS] = await startTestApp(chatCaller(settings));
    }
  });
  after(async () => {
    for (const app of Object.values(apps)) await app.stop();
  });

  const status = async (way: keyof typeof SETTINGS, claims: object, mint: MintOptions = {}) =>
    (await post(apps[way], chatApi.slash('help'), { claims: { ...claims }, mint })).status;
  const url = TOKENS.url.claims;

  test("for the project's number is signed by Chat, for that number", async () => {
    const chat = { key: 'chat' } as const;
    assert.equal(await status('number', { aud: NUMBER }, chat), 200);
    assert.equal(await status('number', { aud: '999' }, chat), 401);
    assert.equal(await status('number', { aud: [NUMBER] }, chat), 401);
    assert.equal(await status('number', { aud: NUMBER, iss: 'chat' }, chat), 401);
    assert.equal(await status('number', { aud: NUMBER }, { ...chat, forged: true }), 401);
    assert.equal(await status('number', { ...url, aud: NUMBER }), 401, "Google's, for the number");
    assert.equal(await status('number', { aud: NUMBER, iss: CHAT_ACCOUNT }), 401, "Google's key");
  });

  test("for the endpoint is Google's, for that URL and for Chat's account", async () => {
    assert.equal(await status('url', url), 200);
    assert.equal(await status('url', { ...url, aud: `${ENDPOINT}/` }), 401);
    assert.equal(await status('url', { ...url, aud: NUMBER }), 401);
    assert.equal(await status('url', { ...url, email: 'someone@example.com' }), 401);
    assert.equal(await status('url', { ...url, email: ADD_ON_ACCOUNT }), 401);
    assert.equal(await status('url', { ...url, email_verified: false }), 401);
    assert.equal(await status('url', { ...url, iss: 'https://example.com' }), 401);
    assert.equal(await status('url', { ...url, aud: ENDPOINT }, { key: 'chat' }), 401);
  });

  test('for an add-on is for the account of its project alone', async () => {
    const addOnClaims = TOKENS.addOn.claims;
    assert.equal(await status('addOn', addOnClaims), 200);
    assert.equal(await status('addOn', url), 401, 'any Chat app could send that');
    const other = ADD_ON_ACCOUNT.replace(NUMBER, '999999999999');
    assert.equal(await status('addOn', { ...addOnClaims, email: other }), 401);
  });

  test('whose keys cannot be had is a 503, and nothing is done', async () => {
    const app = await startTestApp(chatCaller(SETTINGS.number));
    try {
      app.emulator.script({ path: /jwk/ }, { status: 500 }, { repeat: true });
      const name = app.createOperation();
      const answer = await post(app, chatApi.slash(`cancel ${name}`), TOKENS.number);
      assert.equal(answer.status, 503);
      assert.equal(answer.body.error.details[0].reason, 'KEYS_UNAVAILABLE');
      assert.deepEqual(cancelled(app), []);
    } finally {
      await app.stop();
    }
  });

  test('for a URL that anyone may point an app at is warned of at start', () => {
    const warning = (way: keyof typeof SETTINGS) =>
      apps[way].process.stdout().includes('$.callers.chat.audience is a URL');
    assert.deepEqual([warning('url'), warning('number'), warning('addOn')], [true, false, false]);
  });
});

test('mode: observe says that nothing was cancelled, and sends no cancel', async () => {
  const app = await startTestApp(chatCaller(SETTINGS.number, { mode: 'observe' }));
  try {
    const name = app.createOperation();
    const { body } = await post(app, chatApi.slash(`cancel ${name}`), TOKENS.number);
    assert.match(body.text, /^Not cancelled: /);
    assert.deepEqual(cancelled(app), []);
  } finally {
    await app.stop();
  }
});

test('JSON that is no event gets a message or an empty response, never an error', async () => {
  const app = await startTestApp(chatCaller(SETTINGS.number));
  try {
    for (const event of [{}, [], null, 7, 'x', { type: 7 }, { chat: 'x' }, { message: [] }]) {
      const answer = await post(app, event, TOKENS.number);
      assert.equal(answer.status, 200, JSON.stringify(event));
    }
  } finally {
    await app.stop();
  }
});
