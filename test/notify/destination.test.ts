import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { parseEndpoints } from '../../src/config/endpoints.ts';
import { createHttpClient, createPostJson } from '../../src/google/http-client.ts';
import {
  createDestination,
  type Destination,
  type DestinationDeps,
  type DestinationSettings,
} from '../../src/notify/destination.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { CHAT_WEBHOOK, SLACK_WEBHOOK } from '../support/destination.ts';
import { createFakeClock } from '../support/fakes.ts';

const NOTIFICATION: Notification = { caller: 'alerts', operations: [] };
const SLACK_URL = 'https://hooks.slack.com/services/T1/B1/key';
const CHAT_URL = 'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=a&token=b';

interface Setup {
  readonly type?: DestinationSettings['type'];
  readonly urls?: readonly string[];
  readonly deps?: Partial<DestinationDeps>;
}

/** @returns when each attempt was made, in milliseconds from the first */
async function attemptsAt(...responses: Awaited<ReturnType<DestinationDeps['post']>>[]) {
  const clock = createFakeClock(() => 0);
  const start = clock.now();
  const times: number[] = [];
  const post: DestinationDeps['post'] = async () => {
    times.push(clock.now() - start);
    return responses[times.length - 1];
  };
  const failure = await create({ deps: { clock, post } }).destination.send(NOTIFICATION);
  return { failure, times };
}

/** Settings errors are collected in `errors`, as the configuration does. */
function create({ type = 'slack', urls = [SLACK_URL], deps = {} }: Setup = {}) {
  const errors: string[] = [];
  const destination = createDestination(
    'oncall',
    { type, url: 'env:URL' },
    {
      clock: createFakeClock(),
      post: async () => ({ status: 200 }),
      endpoints: parseEndpoints({}, {}, assert.fail),
      interactive: true,
      secret(_path, _refs, check = () => undefined) {
        errors.push(...urls.map(check).filter((error) => error !== undefined));
        return async () => urls;
      },
      ...deps,
    },
  );
  return { destination, errors };
}

describe('the URL of a destination', () => {
  const refused: [DestinationSettings['type'], string][] = [
    ['slack', 'http://hooks.slack.com/services/T1/B1/key'],
    ['slack', 'https://hooks.slack.com.evil.example/services/T1/B1/key'],
    ['slack', 'https://hooks.slack.com:8443/services/T1/B1/key'],
    ['slack', 'https://user:password@hooks.slack.com/services/T1/B1/key'],
    ['slack', 'blob:https://hooks.slack.com/services/T1/B1/key'],
    ['slack', CHAT_URL],
    ['slack', 'not a URL'],
    ['google-chat', SLACK_URL],
    ['google-chat', 'https://chat.googleapis.com@evil.example/v1/spaces/AAAA/messages'],
  ];
  for (const [type, url] of refused) {
    test(`${url} is refused for ${type}, and the error does not quote it`, () => {
      const { errors } = create({ type, urls: [url] });
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', /^is not the URL of an incoming webhook on [\w.]+$/);
    });
  }

  test('of its own service is accepted', () => {
    assert.deepEqual(create().errors, []);
    assert.deepEqual(create({ type: 'google-chat', urls: [CHAT_URL] }).errors, []);
  });
});

describe('a destination', () => {
  const statuses: [string, (number | undefined)[], number, string | undefined][] = [
    ['that takes the message gets it once', [200], 1, undefined],
    ['that answers 429 gets three attempts', [429, 429, 429], 3, 'HTTP 429'],
    ['that answers 500 gets three attempts', [500, 500, 500], 3, 'HTTP 500'],
    [
      'that does not respond gets three attempts',
      [undefined, undefined, undefined],
      3,
      'no response',
    ],
    ['that recovers gets the message', [503, 200], 2, undefined],
    ['that redirects is not followed and not tried again', [302], 1, 'HTTP 302'],
    ['that refuses the message is not tried again', [400], 1, 'HTTP 400'],
  ];
  for (const [what, answers, attempts, failure] of statuses) {
    test(what, async () => {
      const sent: URL[] = [];
      const post: DestinationDeps['post'] = async (url) => {
        const status = answers[sent.push(url) - 1];
        return status === undefined ? undefined : { status };
      };
      assert.equal(await create({ deps: { post } }).destination.send(NOTIFICATION), failure);
      assert.deepEqual(sent.map(String), Array(attempts).fill(SLACK_URL));
    });
  }

  test('that hangs takes at most 5 s, whatever the jitter', async () => {
    for (const random of [0, 0.999]) {
      const clock = createFakeClock(() => random);
      const start = clock.now();
      let attempts = 0;
      const post: DestinationDeps['post'] = async (_, __, timeout) => {
        attempts += 1;
        await clock.sleep(timeout);
        return undefined;
      };
      await create({ deps: { post, clock } }).destination.send(NOTIFICATION);
      assert.equal(attempts, 3);
      assert.ok(clock.now() - start <= 5_000, `${clock.now() - start} ms`);
    }
  });

  test('that hangs is given up at the deadline that it is sent with', async () => {
    const clock = createFakeClock(() => 0);
    const start = clock.now();
    const post: DestinationDeps['post'] = async (_, __, timeout) => {
      await clock.sleep(timeout);
      return undefined;
    };
    await create({ deps: { post, clock } }).destination.send(NOTIFICATION, start + 4_000);
    assert.ok(clock.now() - start <= 4_000, `${clock.now() - start} ms`);
  });

  for (const status of [429, 503]) {
    test(`that answers ${status} with Retry-After is not asked before that time`, async () => {
      const { failure, times } = await attemptsAt({ status, retryAfter: '2' }, { status: 200 });
      assert.equal(failure, undefined);
      assert.deepEqual(times, [0, 2_000]);
    });

    test(`that answers ${status} and wants to be left alone for more than 5 s gets one attempt`, async () => {
      const { failure, times } = await attemptsAt({ status, retryAfter: '5' }, { status: 200 });
      assert.equal(failure, `HTTP ${status}`);
      assert.deepEqual(times, [0]);
    });
  }

  test('that answers 429 with a Retry-After of 0 gets the usual pause', async () => {
    const { times } = await attemptsAt({ status: 429, retryAfter: '0' }, { status: 200 });
    assert.deepEqual(times, [0, 400]);
  });

  test('with two URLs uses the second one where the first one was taken away', async () => {
    const urls = [SLACK_URL, `${SLACK_URL}2`];
    const post: DestinationDeps['post'] = async ({ href }) => ({
      status: href === SLACK_URL ? 404 : 200,
    });
    assert.equal(await create({ urls, deps: { post } }).destination.send(NOTIFICATION), undefined);
  });

  test('never rejects, also where its secret cannot be read', async () => {
    const secret: DestinationDeps['secret'] = () => () =>
      Promise.reject(new TypeError('secret text'));
    assert.equal(await create({ deps: { secret } }).destination.send(NOTIFICATION), 'TypeError');
  });
});

describe('a destination on a real connection', () => {
  let emulator: Emulator;
  let other: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator();
    other = await startEmulator();
  });
  afterEach(() => Promise.all([emulator.close(), other.close()]));

  function connect(type: DestinationSettings['type'], path: string): Destination {
    const origin = emulator.url;
    return create({
      type,
      urls: [emulator.url + path],
      deps: {
        clock: systemClock,
        post: createPostJson(createHttpClient().request),
        endpoints: parseEndpoints({ slack: origin, googleChat: origin }, {}, assert.fail),
      },
    }).destination;
  }

  test('delivers to Slack and to Google Chat', async () => {
    assert.equal(await connect('slack', SLACK_WEBHOOK).send(NOTIFICATION), undefined);
    assert.equal(await connect('google-chat', CHAT_WEBHOOK).send(NOTIFICATION), undefined);
    assert.deepEqual(
      emulator.inbox.map(({ service }) => service),
      ['slack', 'google-chat'],
    );
  });

  test('that redirects to another host does not make the message go there', async () => {
    emulator.script({ path: SLACK_WEBHOOK }, { redirect: `${other.url}${SLACK_WEBHOOK}` });
    assert.equal(await connect('slack', SLACK_WEBHOOK).send(NOTIFICATION), 'HTTP 307');
    assert.deepEqual(other.requests, []);
  });

  test('that answers 429 with Retry-After gets the message when that time is over', async () => {
    emulator.script({ path: SLACK_WEBHOOK }, { status: 429, headers: { 'retry-after': '1' } });
    const start = Date.now();
    assert.equal(await connect('slack', SLACK_WEBHOOK).send(NOTIFICATION), undefined);
    assert.ok(Date.now() - start >= 1_000);
    assert.equal(emulator.inbox.length, 1);
  });

  test('that is down costs less than 5 s', async () => {
    const destination = connect('slack', SLACK_WEBHOOK);
    await emulator.close();
    const start = Date.now();
    assert.equal(await destination.send(NOTIFICATION), 'no response');
    assert.ok(Date.now() - start < 5_000);
  });
});
