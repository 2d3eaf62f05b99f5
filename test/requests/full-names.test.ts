/** Full names of all types in free text, in the fields of alerts, and in sweeps. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFieldParser, findResourceNames } from '../../src/requests/find-resource-names.ts';
import { parseSweepCommand } from '../../src/requests/parse-command.ts';
import { resourceTypes } from '../../src/resources/index.ts';

const find = (text: string, mayBeCut = false) => findResourceNames([{ text, mayBeCut }]);
const JOB = 'projects/my-project/regions/us-central1/jobs/job-123';
const FULL = `//dataproc.googleapis.com/${JOB}`;
const whole = (name: string) => ({ names: [name], fragments: [], hasOther: false });

describe('a full name in free text', () => {
  for (const { service, example, shape } of resourceTypes) {
    const name = `//${service}/${example}`;
    const canonical = service === 'privateca.googleapis.com' ? example : name;
    test(`of ${service} ${shape} is whole or refused`, () => {
      for (const text of [
        name,
        `Stuck: ${name}. Cancel it`,
        `operation=${name}`,
        `\`${name}\``,
        `(${name})`,
      ]) {
        assert.deepEqual(find(text), whole(canonical), text);
      }
      for (const text of [
        `${name}…`,
        `${name}\\_x`,
        `${name}%5Fx`,
        `${name}\u00ad`,
        `${name}/more`,
      ]) {
        const { names, fragments } = find(text);
        assert.deepEqual([names, fragments.length], [[], 1], text);
      }
      assert.equal(find(name, true).fragments.length, 1, 'at the hard end of a field that is cut');
    });
  }

  test('is that of its service, and a relative name is none of another service', () => {
    assert.deepEqual(find(`see ${JOB}`).names, []);
    const rest = 'projects/p/locations/l/operations/o';
    assert.deepEqual(find(`//alloydb.googleapis.com/${rest}`).names, [
      `//alloydb.googleapis.com/${rest}`,
    ]);
    for (const text of [
      `//compute.googleapis.com/${rest}`,
      `x//alloydb.googleapis.com/${rest}`,
      `//alloydb.googleapis.com.evil/${rest}`,
    ]) {
      assert.deepEqual(find(text), { names: [], fragments: [], hasOther: true }, text);
    }
  });

  test('with an altered beginning seems to be a name', () => {
    assert.ok(find('//dataproc.googleapis.com/pro%6Aects/p/regions/r/jobs/j').hasOther);
    assert.ok(find('//dataproc.googleapis.com/projects/p/regions/us-ce…').hasOther);
    assert.ok(!find('//compute.googleapis.com/pro%6Aects/p').hasOther);
    assert.ok(!find('see https://dataproc.googleapis.com/v1/x and no name').hasOther);
  });

  test('that two texts spell differently is refused where its collection was altered', () => {
    const altered = `//dataproc.googleapis.com/projects/p/regions/r/jo-bs/j`;
    assert.deepEqual(find(altered).names, []);
    assert.equal(find(altered).fragments.length, 1);
  });
});

describe("the URL of a service's API names a resource of that service", () => {
  for (const [url, name] of [
    [`https://dataproc.googleapis.com/v1/${JOB}`, FULL],
    [`https://dataproc.googleapis.com/v1/${JOB}?alt=json`, FULL],
    [`https://dataproc.mtls.googleapis.com/v1/${JOB}`, FULL],
    [`https://www.example.com/x/${FULL}`, FULL],
    [
      'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/customJobs/1',
      '//aiplatform.googleapis.com/projects/p/locations/us-central1/customJobs/1',
    ],
    [
      'https://run.googleapis.com/v2/projects/p/locations/l/jobs/j/executions/e%2D1',
      '//run.googleapis.com/projects/p/locations/l/jobs/j/executions/e-1',
    ],
  ] as const) {
    test(url, () => assert.deepEqual(find(url), whole(name)));
  }

  for (const url of [
    `https://compute.googleapis.com/v1/${JOB}`,
    'https://compute.googleapis.com/v1/projects/p/locations/l/operations/o',
    'https://dataproc.googleapis.com.evil.com/v1/projects/p/locations/l/operations/o',
    'https://evil-dataproc.googleapis.com/v1/projects/p/locations/l/operations/o',
    'https://dataproc.googleapis.com/v1/projects/p/locations/l/caPools/o',
  ]) {
    test(`not ${url}`, () => assert.deepEqual(find(url).names, []));
  }

  test('a percent-encoded name is read to its end, however long', () => {
    const id = 'a'.repeat(1_024);
    const encoded = '%61'.repeat(1_024);
    const url = 'https://example.com///bigquery.googleapis.com/projects/p/locations/us/jobs/';
    const name = '//bigquery.googleapis.com/projects/p/locations/us/jobs/';
    assert.deepEqual(find(url + encoded), whole(name + id));
    assert.deepEqual(find(`${url}${encoded}%61`).names, []);
  });
});

test('the field of an alert takes the full name of any type', () => {
  const parse = createFieldParser('operation');
  const alert = { name: 'a' };
  assert.deepEqual(parse(` ${FULL} `, alert), { operation: FULL, alert });
  const refused = parse(`//compute.googleapis.com/${JOB}`, alert);
  assert.ok('error' in refused && refused.error.reason === 'INVALID_REQUEST');
});

describe('a sweep of a collection', () => {
  const parent = FULL.slice(0, FULL.lastIndexOf('/'));

  test('is read with its full name', () => {
    assert.equal(parseSweepCommand({ parent, olderThan: '1h' }, 100).parent, parent);
  });

  for (const field of ['verbs', 'targets']) {
    test(`whose resources have no ${field} is refused, and the field named`, () => {
      const request = { parent, olderThan: '1h', [field]: ['projects/**'] };
      assert.throws(() => parseSweepCommand(request, 100), {
        reason: 'INVALID_REQUEST',
        message: `Invalid request: ${field}: cannot be compared: these resources have no ${field}.`,
      });
    });
  }

  test('is refused where the parent is no collection of the service', () => {
    for (const text of [
      FULL,
      '//dataproc.googleapis.com/projects/p/regions/r',
      '//compute.googleapis.com/x',
    ]) {
      assert.throws(() => parseSweepCommand({ parent: text, olderThan: '1h' }, 100), {
        reason: 'INVALID_REQUEST',
      });
    }
  });
});
