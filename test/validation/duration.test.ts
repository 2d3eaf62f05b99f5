import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../src/validation/values.ts';

test('a number with s, m, h or d is a duration', () => {
  const durations = {
    '55s': 55_000,
    '0s': 0,
    '0.5s': 500,
    '0.9m': 54_000,
    '0.01h': 36_000,
    '2d': 172_800_000,
  };
  for (const [text, milliseconds] of Object.entries(durations)) {
    assert.equal(parseDuration(text), milliseconds, text);
  }
});

test('nothing else is a duration', () => {
  const texts = [
    ...[
      '',
      's',
      '10',
      '-1s',
      '+1s',
      '1e1s',
      '1ms',
      '1S',
      'PT1S',
      '1s1s',
      '1h30m',
      '1 s',
      ' 1s',
      '1s ',
    ],
    ...['1s\n', '.5s', '1.s', '0x1s', '１s', '9999999999d'],
  ];
  for (const text of texts) assert.equal(parseDuration(text), undefined, JSON.stringify(text));
});
