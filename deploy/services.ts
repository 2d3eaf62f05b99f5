/** Writes what deployments need to know of each service: permissions, predefined roles, shapes of names. */

import { writeFile } from 'node:fs/promises';
import { resourceTypes } from '../src/resources/index.ts';
import type { ResourceType } from '../src/resources/resource-type.ts';

/**
 * Formats `{ service: { permissions, roles, shapes } }`, by the service's name without `.googleapis.com`.
 * Each service is a line, so that a change shows as one.
 */
export function formatServices(): string {
  const lines = Object.entries(Object.groupBy(resourceTypes, ({ service }) => service))
    .map(([service, types = []]) => [service.replace('.googleapis.com', ''), types] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, types]) => `  "${service}": ${JSON.stringify(describeService(types))}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function describeService(types: readonly ResourceType[]) {
  return {
    permissions: unique(types.flatMap(({ permissions }) => permissions)),
    roles: unique(types.flatMap(({ role }) => role ?? [])),
    shapes: types.map(({ shape }) => shape),
  };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted();
}

if (import.meta.main) {
  await writeFile(new URL('terraform/services.json', import.meta.url), formatServices());
}
