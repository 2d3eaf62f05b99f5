/** Writes the configuration's JSON Schema where editors find it, from what the start checks. */

import { writeFile } from 'node:fs/promises';
import { configSchema } from '../src/config/config-schema.ts';

const file = new URL('cancel-hook.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(configSchema, null, 2)}\n`);
