import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canBeSameProject, nameUnder, timeOrUndefined } from '../../src/resources/resource-type.ts';

describe('nameUnder', () => {
  const parent = 'projects/my-project/locations/us-central1/jobs';
  const cases: readonly [title: string, parent: string, name: unknown, expected?: string][] = [
    [
      'returns a name under the parent',
      parent,
      'projects/my-project/locations/us-central1/jobs/j',
      'projects/my-project/locations/us-central1/jobs/j',
    ],
    [
      'keeps the project that was asked for where a number comes back',
      parent,
      'projects/123456/locations/us-central1/jobs/j',
      'projects/my-project/locations/us-central1/jobs/j',
    ],
    [
      'keeps the number that was asked for where an ID comes back',
      'projects/123456/locations/us-central1/jobs',
      'projects/my-project/locations/us-central1/jobs/j',
      'projects/123456/locations/us-central1/jobs/j',
    ],
    [
      'takes the location of the name where all were asked for',
      'projects/my-project/locations/-/jobs',
      'projects/123456/locations/europe-west1/jobs/j',
      'projects/my-project/locations/europe-west1/jobs/j',
    ],
    [
      'takes location and job of the name where all were asked for',
      'projects/p/locations/-/jobs/-/executions',
      'projects/p/locations/us-east1/jobs/a/executions/b',
      'projects/p/locations/us-east1/jobs/a/executions/b',
    ],
    ['rejects another ID', parent, 'projects/other/locations/us-central1/jobs/j'],
    [
      'rejects another number',
      'projects/123/locations/us-central1/jobs',
      'projects/456/locations/us-central1/jobs/j',
    ],
    ['rejects another location', parent, 'projects/my-project/locations/us-east1/jobs/j'],
    ['rejects another collection', parent, 'projects/my-project/locations/us-central1/builds/j'],
    ['rejects a longer name', parent, 'projects/my-project/locations/us-central1/jobs/j/tasks/t'],
    ['rejects the parent itself', parent, parent],
    [
      'rejects an empty ID in place of a wildcard',
      'projects/p/locations/-/jobs',
      'projects/p/locations//jobs/j',
    ],
    ['rejects what is no text', parent, { name: 'j' }],
    ['rejects nothing', parent, undefined],
  ];
  for (const [title, asked, name, expected] of cases) {
    test(title, () => assert.equal(nameUnder(asked, name), expected));
  }
});

test('canBeSameProject holds nothing for the same as no project', () => {
  for (const returned of ['', undefined, null, 123]) {
    assert.equal(canBeSameProject('123', returned), false);
    assert.equal(canBeSameProject('my-project', returned), false);
  }
  assert.equal(canBeSameProject('my-project', '123'), true);
  assert.equal(canBeSameProject('example.com:my-project', 'example.com:other'), false);
});

test('timeOrUndefined takes times as JSON carries them, and nothing else', () => {
  for (const time of ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123456789Z']) {
    assert.equal(timeOrUndefined(time), time);
  }
  for (const value of ['', 'yesterday', '2026-13-45T00:00:00Z', 5, null, undefined, {}, []]) {
    assert.equal(timeOrUndefined(value), undefined);
  }
});
