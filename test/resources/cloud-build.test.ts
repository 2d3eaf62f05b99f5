import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cloudBuild } from '../../src/resources/cloud-build.ts';
import { findType, testEnds } from '../support/resource-types.ts';

const find = (shape: string) => findType('cloudbuild.googleapis.com', shape);
const ofLocation = find('projects/*/locations/*/builds/*');
const ofProject = find('projects/*/builds/*');

describe('builds of Cloud Build', () => {
  for (const row of cloudBuild) {
    testEnds(row, (status) => ({ status }), {
      STATUS_UNKNOWN: undefined,
      PENDING: undefined,
      QUEUED: undefined,
      WORKING: undefined,
      CANCELLED: 'CANCELLED',
      SUCCESS: 'COMPLETED',
      FAILURE: 'FAILED',
      INTERNAL_ERROR: 'FAILED',
      TIMEOUT: 'FAILED',
      EXPIRED: 'FAILED',
    });
  }

  test('of a location are cancelled with the project and the ID in the body, too', () => {
    const name = 'projects/p/locations/us-central1/builds/b';
    const { path, body = '' } = ofLocation.cancel(name);
    assert.equal(path, `/v1/${name}:cancel`);
    assert.deepEqual(JSON.parse(body), { projectId: 'p', id: 'b' });
    assert.equal(ofLocation.get(name), `/v1/${name}`);
    assert.equal(
      ofLocation.listPath('projects/p/locations/us-central1/builds'),
      '/v1/projects/p/locations/us-central1/builds',
    );
  });

  test('of a project have both in the path alone', () => {
    const name = 'projects/p/builds/b';
    assert.deepEqual(ofProject.cancel(name), { path: `/v1/${name}:cancel` });
    assert.equal(ofProject.get(name), `/v1/${name}`);
    assert.equal(ofProject.listPath('projects/p/builds'), '/v1/projects/p/builds');
  });

  test('of a project come back with the location global, and are no others', () => {
    const nameOf = (name: unknown) => ofProject.nameOf({ name }, 'projects/p/builds');
    assert.equal(nameOf('projects/p/locations/global/builds/b'), 'projects/p/builds/b');
    assert.equal(nameOf('projects/123/locations/global/builds/b'), 'projects/p/builds/b');
    assert.equal(nameOf('projects/other/locations/global/builds/b'), undefined);
    assert.equal(nameOf('projects/p/locations/us-central1/builds/b'), undefined);
    assert.equal(nameOf(undefined), undefined);
  });

  test('of a location keep the project that was asked for', () => {
    const parent = 'projects/p/locations/us-central1/builds';
    const name = 'projects/123/locations/us-central1/builds/b';
    assert.equal(ofLocation.nameOf({ name }, parent), `${parent}/b`);
  });

  test('have a time of creation', () => {
    const createTime = '2026-01-02T03:04:05Z';
    assert.deepEqual(ofProject.toState({ status: 'QUEUED', createTime }), {
      ended: undefined,
      createTime,
    });
    assert.equal(ofProject.toState({ status: 'QUEUED' }).createTime, undefined);
  });
});
