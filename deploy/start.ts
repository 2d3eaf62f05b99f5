/** `npm start`: the built function under the framework's stock command, with the environment of a deployment. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import runtimeEnv from './runtime-env.json' with { type: 'json' };

if (!existsSync('dist/index.cjs')) {
  console.error('dist/ is missing: run `npm run build` first.');
  process.exit(1);
}
const main = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
const child = spawn(process.execPath, [main, '--target=cancelHook'], {
  stdio: 'inherit',
  env: { ...process.env, ...runtimeEnv },
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
