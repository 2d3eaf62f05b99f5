/** Which origins are reachable, and by which requests. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ApiClient } from '../../src/google/api-client.ts';
import { createResourceClient } from '../../src/google/resource-client.ts';
import { parseParentName, parseResourceName } from '../../src/resource-name.ts';
import { resourceTypes } from '../../src/resources/index.ts';
import { CALL, createParsedResponse } from '../support/fakes.ts';
import { hostileNames } from '../support/names.ts';

/** All origins of the table, computed from nothing but the table. */
const ORIGINS = new Set(
  resourceTypes.flatMap(({ origin, locations }) =>
    locations ? locations.map((location) => origin.replace('{location}', location)) : [origin],
  ),
);

function create(endpoints: Readonly<Record<string, string>> = {}) {
  const created: string[] = [];
  const sent: string[] = [];
  const client = createResourceClient(
    new Map(Object.entries(endpoints).map(([service, url]) => [service, new URL(url)])),
    (origin) => {
      created.push(origin.origin);
      const api: ApiClient = async <T>({ method, path }: { method: string; path: string }) => {
        sent.push(`${method} ${origin.origin}${path}`);
        return createParsedResponse({} as T);
      };
      return api;
    },
  );
  return { client, created, sent };
}

const name = (text: string) => parseResourceName(text) ?? assert.fail(text);
const customJob = (location: string) =>
  `//aiplatform.googleapis.com/projects/p/locations/${location}/customJobs/1`;

describe('the origins that names can reach', () => {
  test('are those of the table, whatever a name holds', async () => {
    const { client, created } = create();
    for (const { service, example, locations = ['us-central1'] } of resourceTypes) {
      for (const location of locations) {
        await client.get(name(`//${service}/${example.replace('us-central1', location)}`), CALL);
      }
    }
    assert.deepEqual(new Set(created), ORIGINS);
    assert.equal(created.length, ORIGINS.size, 'one client for each');

    const services = [...new Set(resourceTypes.map(({ service }) => service))];
    const odd = fc.constantFrom(
      'evil.com/',
      'us-central1.evil.com',
      'a@b',
      '{location}',
      '%2e',
      '-',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...services),
        hostileNames,
        odd,
        async (service, path, location) => {
          const paths = [
            path,
            path.replace('/operations/', '/customJobs/'),
            `projects/p/locations/${location}/customJobs/1`,
          ];
          for (const text of paths.flatMap((one) => [
            `//${service}/${one}`,
            `//${service}.evil.com/${one}`,
            one,
          ])) {
            const parsed = parseResourceName(text);
            if (parsed) await client.get(parsed, CALL);
            const parent = parseParentName(text);
            if (parent) await client.list(parent, {}, CALL);
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.deepEqual(new Set(created), ORIGINS);
  });

  test('are those of the configuration where it names a service, for all locations', async () => {
    const local = 'http://127.0.0.1:8085';
    const { client, created, sent } = create({ 'aiplatform.googleapis.com': local });
    await client.cancel(name(customJob('us-east1')), CALL);
    await client.cancel(name(customJob('europe-west1')), CALL);
    assert.deepEqual(created, [local]);
    assert.equal(sent[0], `POST ${local}/v1/projects/p/locations/us-east1/customJobs/1:cancel`);
  });
});

test('a repeated parameter is sent as often as it has values', async () => {
  const { client, sent } = create();
  const parent = parseParentName('//bigquery.googleapis.com/projects/p/locations/us/jobs');
  await client.list(parent ?? assert.fail(), { stateFilter: ['pending', 'running'], a: 'b' }, CALL);
  assert.deepEqual(sent, [
    'GET https://bigquery.googleapis.com/bigquery/v2/projects/p/jobs?stateFilter=pending&stateFilter=running&a=b',
  ]);
});
