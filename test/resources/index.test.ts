import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { resourceTypes } from '../../src/resources/index.ts';
import { root } from '../support/function.ts';

/** Whether a relative name fits a shape, each star being one segment. */
function fits(shape: string, name: string): boolean {
  const segments = shape.split('/');
  const given = name.split('/');
  return (
    given.length === segments.length &&
    segments.every((segment, index) => segment === '*' || segment === given[index])
  );
}

describe('the table of resource types', () => {
  test('has the services with operations, and the jobs of seven families', () => {
    assert.equal(resourceTypes.length, 64);
  });

  test('a name is matched by exactly one row of its service', () => {
    for (const { service, example } of resourceTypes) {
      const rows = resourceTypes.filter(
        (row) => row.service === service && fits(row.shape, example),
      );
      assert.equal(rows.length, 1, `${service} ${example}`);
    }
    const keys = resourceTypes.map(({ service, shape }) => `${service}/${shape}`);
    assert.equal(new Set(keys).size, keys.length);
  });

  for (const row of resourceTypes) {
    test(`${row.service} ${row.shape} has an example, permissions and one constant origin`, () => {
      assert.ok(fits(row.shape, row.example), row.example);
      const lastId = new RegExp(`^${row.lastId ?? '[A-Za-z0-9][A-Za-z0-9._-]{0,127}'}$`);
      assert.match(row.example.split('/').at(-1) ?? '', lastId);
      assert.equal(row.permissions.length, row.role ? 2 : 3);
      assert.match(row.role ?? 'roles/none', /^roles\/[a-zA-Z.]+$/);
      for (const permission of row.permissions) {
        assert.match(permission, /^[a-z]+\.[a-zA-Z]+\.(cancel|update|get|list|listAll)$/);
      }
      const host = row.origin.replace('{location}-', '');
      assert.equal(host, `https://${row.service}`);
      assert.equal(row.origin.includes('{location}'), row.locations !== undefined);
      assert.ok(row.shape.startsWith('projects/*/') && row.shape.endsWith('/*'));
    });
  }

  test('each row reads JSON of any shape, and takes nothing that it does not know for an end', () => {
    const known = ['state', 'status', 'done', 'error', 'metadata', 'conditions', 'statusHistory'];
    const resource = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...known, 'createTime', 'statistics'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...resourceTypes), resource, (row, value) => {
        const json = value as Readonly<Record<string, unknown>>;
        const { ended, createTime } = row.toState(json);
        assert.ok([undefined, 'CANCELLED', 'COMPLETED', 'FAILED'].includes(ended));
        assert.ok(createTime === undefined || !Number.isNaN(Date.parse(createTime)));
        row.nameOf(json, row.example.slice(0, row.example.lastIndexOf('/')));
      }),
    );
    for (const row of resourceTypes) assert.equal(row.toState({}).ended, undefined);
  });

  test('every row stands in what was compared with the clients of Google, as it is now', () => {
    const compared = readFileSync(`${root}/test/resource-facts/compared.md`, 'utf8').split('\n');
    for (const { service, shape, example, cancel, get } of resourceTypes) {
      const row = compared.find((line) => line.startsWith(`| \`//${service}/${shape}\` |`)) ?? '';
      assert.ok(row.includes(`\`POST ${cancel(example).path}\``), `${service}/${shape}`);
      assert.ok(row.includes(`\`GET ${get(example)}\``), `${service}/${shape}`);
    }
    const rows = compared.filter((line) => line.startsWith('| `'));
    assert.equal(rows.length, resourceTypes.length);
  });
});
