/** Full names of all types: what is a name, what is none, and which patterns match. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  collectionOf,
  describeNameForm,
  describeParentForm,
  knownServices,
  nounOf,
  parseParentName,
  parseResourceName,
  resourceTypeOf,
  segmentsOf,
} from '../src/resource-name.ts';
import { matchName, matchParent, parseNamePattern } from '../src/resource-pattern.ts';
import { resourceTypes } from '../src/resources/index.ts';
import { hostileNames } from './support/names.ts';

const JOB = '//dataproc.googleapis.com/projects/p/regions/r/jobs/j';
const pattern = (text: string) => {
  const parsed = parseNamePattern(text);
  return typeof parsed === 'string' ? assert.fail(`${text}: ${parsed}`) : parsed;
};

describe('the name of a resource', () => {
  for (const type of resourceTypes) {
    const name = `//${type.service}/${type.example}`;
    test(`of ${type.service} ${type.shape} belongs to that type alone`, () => {
      const parsed = parseResourceName(name) ?? assert.fail();
      assert.equal(resourceTypeOf(parsed), type);
      const isDefault = type.service === 'privateca.googleapis.com';
      assert.equal(parsed, isDefault ? type.example : name);
      const parent = parseParentName(name.slice(0, name.lastIndexOf('/'))) ?? assert.fail();
      assert.deepEqual(collectionOf(parent), {
        type,
        collection: type.example.slice(0, type.example.lastIndexOf('/')),
      });
      assert.ok(matchName(pattern(`//${type.service}/${type.shape}`), parsed));
      assert.ok(matchParent(pattern(`//${type.service}/${type.shape}`), parent));
    });
  }

  test('has nothing but safe characters, however it is written', () => {
    const services = resourceTypes.map(({ service }) => service);
    fc.assert(
      fc.property(fc.constantFrom(...services), hostileNames, (service, path) => {
        for (const text of [`//${service}/${path}`, `//${path}`, `//${service}${path}`]) {
          const name = parseResourceName(text);
          if (name === undefined) continue;
          assert.match(name, /^(?:\/\/[a-z]+\.googleapis\.com\/)?projects(?:\/[\w.:-]+)+$/);
          assert.doesNotMatch(name.replace(/^\/\//, ''), /\/[.]|\/\//);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('has an ID of other characters only where its type allows them, and never a slash or an escape', () => {
    const bigquery = '//bigquery.googleapis.com/projects/p/locations/us/jobs/';
    for (const id of ['_auto_1', '-x', 'a'.repeat(1_024)]) {
      assert.equal(parseResourceName(bigquery + id), bigquery + id);
      assert.equal(parseResourceName(JOB.replace(/j$/, id)), undefined);
    }
    for (const { lastId } of resourceTypes) {
      if (lastId === undefined) continue;
      for (const odd of ['/', '?', '#', '%', '\\', '\n', '\0', ' ', '..', '.']) {
        assert.doesNotMatch(odd, new RegExp(`^(?:${lastId})$`));
        assert.doesNotMatch(`a${odd}`, new RegExp(`^(?:${lastId})$`));
      }
    }
    assert.equal(parseResourceName(`${bigquery}${'a'.repeat(1_025)}`), undefined);
    assert.equal(parseResourceName(`${bigquery}j`.replace('/us/', '/_us/')), undefined);
  });

  test('of an unknown service, of another shape, or without an endpoint is refused in words', () => {
    for (const [text, fault] of [
      ['//compute.googleapis.com/projects/p/zones/z/operations/o', /service whose resources/],
      ['//constructor/projects/p/locations/l/operations/o', /service whose resources/],
      ['//Dataproc.googleapis.com/projects/p/regions/r/jobs/j', /service whose resources/],
      ['//dataproc.googleapis.com', /shape of this service.*regions\/\*\/jobs\/\*/],
      [JOB.replace('regions', 'locations'), /shape of this service/],
      ['//aiplatform.googleapis.com/projects/p/locations/evil/customJobs/1', /has an endpoint/],
      ['projects/p/regions/r/jobs/j', /^must be projects\/\{project\}\/locations/],
    ] as const) {
      assert.equal(parseResourceName(text), undefined, text);
      assert.match(describeNameForm(text), fault);
    }
    assert.equal(
      describeNameForm('//batch.googleapis.com/projects/p'),
      "must have a shape of this service's names: //batch.googleapis.com/projects/*/locations/*/jobs/*",
    );
    assert.equal(
      describeParentForm('//dataproc.googleapis.com/projects/p'),
      'must be a collection of this service: //dataproc.googleapis.com/projects/*/regions/*/jobs, //dataproc.googleapis.com/projects/*/regions/*/operations, //dataproc.googleapis.com/projects/*/locations/*/operations',
    );
    assert.match(describeParentForm('//compute.googleapis.com/projects/p'), /service whose/);
    assert.match(describeParentForm('projects/p'), /^must be projects\/\{project\}\/locations/);
  });

  test('belongs to one of the services of the table', () => {
    assert.deepEqual(knownServices(), [...new Set(resourceTypes.map(({ service }) => service))]);
  });

  test('is called what people call it', () => {
    const nouns = new Set(resourceTypes.map(({ example }) => nounOf(example)));
    assert.deepEqual([...nouns].toSorted(), ['build', 'execution', 'job', 'operation', 'pipeline']);
    assert.equal(nounOf('x'), 'resource');
    assert.equal(nounOf('a/b/c'), 'resource');
  });
});

describe('the parent of resources', () => {
  test('is the collection, and - stands only for what the service lists across', () => {
    for (const [text, is] of [
      ['//batch.googleapis.com/projects/p/locations/-/jobs', true],
      ['//run.googleapis.com/projects/p/locations/l/jobs/-/executions', true],
      ['//run.googleapis.com/projects/p/locations/-/jobs/j/executions', false],
      ['//dataproc.googleapis.com/projects/p/regions/-/jobs', false],
      ['//aiplatform.googleapis.com/projects/p/locations/-/customJobs', false],
      ['//batch.googleapis.com/projects/-/locations/l/jobs', false],
      ['//batch.googleapis.com/projects/p/locations/l/jobs/', false],
      ['//batch.googleapis.com/projects/p/locations/l', false],
      ['//alloydb.googleapis.com/projects/p/locations/-/operations', true],
    ] as const) {
      assert.equal(parseParentName(text), is ? text : undefined, text);
    }
    const location = 'projects/p/locations/l';
    for (const text of [location, `//privateca.googleapis.com/${location}/operations`]) {
      assert.equal(parseParentName(text), location);
    }
  });

  test('has the segments of the names under it, with undefined for what may be any', () => {
    for (const [text, service, path] of [
      [JOB, 'dataproc', 'projects/p/regions/r/jobs/j'],
      [JOB.slice(0, -2), 'dataproc', 'projects/p/regions/r/jobs/?'],
      ['projects/p/locations/-', 'privateca', 'projects/p/locations/?/operations/?'],
      ['projects/p/locations/l/operations/o', 'privateca', 'projects/p/locations/l/operations/o'],
      ['//cloudbuild.googleapis.com/projects/p/builds/b', 'cloudbuild', 'projects/p/builds/b'],
    ] as const) {
      const { service: found, segments } = segmentsOf(text);
      assert.equal(found, `${service}.googleapis.com`);
      assert.equal(segments.map((segment) => segment ?? '?').join('/'), path);
    }
  });

  test('can hold what a pattern matches only if it has its service and its segments', () => {
    const jobs = pattern('//dataproc.googleapis.com/projects/p/regions/us-*/jobs/*');
    const builds = pattern('//cloudbuild.googleapis.com/projects/p/builds/*');
    const batch = pattern('//batch.googleapis.com/projects/p/locations/l/jobs/*');
    for (const [one, text, is] of [
      [jobs, '//dataproc.googleapis.com/projects/p/regions/us-1/jobs', true],
      [jobs, '//dataproc.googleapis.com/projects/p/regions/us-1/operations', false],
      [jobs, '//dataproc.googleapis.com/projects/p/regions/eu-1/jobs', false],
      [jobs, '//dataproc.googleapis.com/projects/q/regions/us-1/jobs', false],
      [batch, '//batch.googleapis.com/projects/p/locations/-/jobs', true],
      [batch, '//bigquery.googleapis.com/projects/p/locations/l/jobs', false],
      [builds, '//cloudbuild.googleapis.com/projects/p/builds', true],
      [builds, '//cloudbuild.googleapis.com/projects/p/locations/l/builds', false],
    ] as const) {
      const parent = parseParentName(text) ?? assert.fail(text);
      assert.equal(matchParent(one, parent), is, text);
    }
  });
});

describe('a pattern of full names', () => {
  test('matches names of its service only, and a relative one those of privateca only', () => {
    const rest = 'projects/p/locations/l/operations/o';
    const relative = pattern('projects/*/locations/*/operations/*');
    const alloydb = pattern('//alloydb.googleapis.com/projects/*/locations/*/operations/*');
    assert.deepEqual(
      [rest, `//alloydb.googleapis.com/${rest}`, `//redis.googleapis.com/${rest}`].map((name) => [
        matchName(relative, name),
        matchName(alloydb, name),
      ]),
      [
        [true, false],
        [false, true],
        [false, false],
      ],
    );
    assert.ok(
      matchName(pattern('//privateca.googleapis.com/projects/*/locations/*/operations/*'), rest),
    );
  });

  test('can match several types of its service', () => {
    const jobs = pattern('//aiplatform.googleapis.com/projects/p/locations/*/*/*');
    assert.equal(jobs.types.length, 7);
    assert.equal(
      pattern('//aiplatform.googleapis.com/projects/p/locations/*/*Jobs/*').types.length,
      6,
    );
    assert.equal(
      pattern('//bigquery.googleapis.com/projects/p/locations/us/jobs/_auto_*').types.length,
      1,
    );
    assert.equal(
      pattern('//aiplatform.googleapis.com/projects/p/locations/us-central1/customJobs/*').types
        .length,
      1,
    );
  });

  test('that fits no shape, or names no one service of the table, is refused', () => {
    for (const [text, fault] of [
      [
        '//dataproc.googleapis.com/projects/p/regions/r/clusters/c',
        /^can never match: .*regions\/\*\/jobs\/\*, .*operations/,
      ],
      ['//dataproc.googleapis.com/projects/p/**', /one of the shapes/],
      ['//*.googleapis.com/projects/p/locations/l/operations/o', /one service/],
      ['//compute.googleapis.com/projects/p/zones/z/operations/o', /service whose resources/],
      ['//aiplatform.googleapis.com/projects/p/locations/moon/customJobs/*', /no endpoint in this/],
      ['//batch.googleapis.com/projects/p/locations/l/jobs/_x', /segment 6/],
      ['//bigquery.googleapis.com/projects/p/locations/l/jobs/a%2f', /segment 6/],
      ['//bigquery.googleapis.com/projects/p/locations/_l/jobs/a', /segment 4/],
    ] as const) {
      assert.match(String(parseNamePattern(text)), fault, text);
    }
  });
});
