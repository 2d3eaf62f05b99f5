/** Writes the configuration's JSON Schema for editors: what the start checks, and messages for patterns. */

import { writeFile } from 'node:fs/promises';
import { configSchema } from '../src/config/config-schema.ts';
import { patternMessage } from '../src/validation/validator.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Formats the published schema, which ajv's strict mode accepts:
 * - `discriminator`, which only ajv knows, is dropped; a list of types becomes `anyOf`.
 * - `patternErrorMessage`, which VS Code shows, says what a pattern means:
 *   https://github.com/microsoft/vscode-json-languageservice
 */
export function formatSchema(): string {
  const { $schema, ...schema } = configSchema;
  const published = { $schema, $id: 'urn:cancel-hook:configuration', ...schema };
  const text = JSON.stringify(published, (key, value) => {
    if (key === 'discriminator') return undefined;
    return Array.isArray(value?.type) ? splitTypes(value) : explainPattern(value);
  });
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
}

function explainPattern(schema: Schema | undefined): unknown {
  const { pattern } = schema ?? {};
  const message = typeof pattern === 'string' ? patternMessage(pattern) : undefined;
  return message === undefined ? schema : { ...schema, patternErrorMessage: message };
}

/** The keywords of the types that are listed together with others. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ['pattern', 'minLength'],
  array: ['items', 'minItems'],
};

function splitTypes({ type: types, description, ...keywords }: Schema): Schema {
  const anyOf = (types as readonly string[]).map((type) => {
    const own = Object.entries(keywords).filter(([key]) => KEYWORDS[type]?.includes(key));
    return { type, ...Object.fromEntries(own) };
  });
  return { description, anyOf };
}

if (import.meta.main) {
  await writeFile(new URL('cancel-hook.schema.json', import.meta.url), formatSchema());
}
