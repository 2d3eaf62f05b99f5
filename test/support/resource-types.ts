/** Finds rows of the table of resource types, and holds tables of their states. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceTypes } from '../../src/resources/index.ts';
import type { EndState, Resource, ResourceType } from '../../src/resources/resource-type.ts';

export function findType(service: string, shape: string): ResourceType {
  const found = resourceTypes.find((row) => row.service === service && row.shape === shape);
  assert.ok(found, `${service} ${shape}`);
  return found;
}

/** Tests that a resource in each state has ended as the table says; undefined: it runs. */
export function testEnds(
  row: ResourceType,
  toResource: (state: unknown) => Resource,
  ends: Readonly<Record<string, EndState | undefined>>,
): void {
  for (const [state, ended] of Object.entries(ends)) {
    test(`${row.shape}: ${state} is ${ended ?? 'running'}`, () => {
      assert.equal(row.toState(toResource(state)).ended, ended);
    });
  }
  test(`${row.shape}: a state that is unknown, missing or no text is not taken for an end`, () => {
    for (const state of ['', 'NEW_STATE', 'constructor', '__proto__', undefined, null, 1, {}, []]) {
      assert.equal(row.toState(toResource(state)).ended, undefined, String(state));
    }
  });
}
