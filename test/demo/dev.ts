/** `npm run dev`: the console with a configuration of yours, or with the demo's and its scenes. Stays. */

import { existsSync } from 'node:fs';
import { type Console, startConsole } from '../console/server.ts';
import { openWorkbench, type Workbench } from '../console/workbench.ts';
import { onOrphaned } from '../emulator/orphaned.ts';
import { openDemoApp, TOKEN } from './app.ts';
import { runAllSteps } from './run-steps.ts';
import { bold, dim, fact, title } from './screen.ts';
import { startOperation } from './steps.ts';

export interface DevOptions {
  /** JSON or YAML text, or a file's path; undefined: the demo's configuration. */
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** 0: any free one. */
  readonly ports: { readonly console: number; readonly hook: number; readonly emulator: number };
}

const FLAGS = { console: '--port', hook: '--function-port', emulator: '--emulator-port' } as const;

/** A port is in use; the message says which option chooses another. */
export class PortTaken extends Error {}

/** Runs until a signal ends it. @throws PortTaken */
export async function dev({ config, env, ports }: DevOptions): Promise<void> {
  let bench: Workbench | undefined;
  let page: Console | undefined;
  try {
    const demo = config === undefined ? await openDemoApp(ports) : undefined;
    bench = demo ?? (await openWorkbench({ config: () => config ?? '', env, ports }));
    page = await startConsole(bench, ports.console);
    console.log(bold('cancel-hook'), dim('· your callers and rules on an emulated Google Cloud'));
    console.log(`
  the page                       ${page.url}
  the function                   ${bench.hook.url}
  the emulated Google Cloud      ${bench.emulator.url}`);
    if (demo) {
      await runAllSteps(demo);
      await suggest(demo);
    } else {
      const opened = bench;
      tell(opened);
      opened.events.on('config', () => tell(opened));
      if (config !== undefined && existsSync(config)) bench.watch(config);
    }
    fact('Stop with Ctrl-C.');
    bench.hook.echo = true;
    await untilSignal();
  } catch (error) {
    throw describePort(error, ports);
  } finally {
    await page?.close();
    await bench?.close();
  }
}

/** Says what runs now, and what is wrong with what does not. */
function tell(bench: Workbench): void {
  const [problem, config] = [bench.problem(), bench.current()];
  if (problem !== undefined) {
    title('The configuration is not valid');
    for (const line of problem.split('\n')) console.log(`  ${line}`);
    const goesOn = config ? 'The last valid one keeps running.' : 'No function runs.';
    console.log(`  ${goesOn} Correct the file: it is read again when it changes.`);
    return;
  }
  if (!config) return;
  title(`${config.name} runs`);
  for (const note of config.notes) console.log(`  ${note}`);
  for (const [ref, secret] of config.madeUp) {
    console.log(`  ${ref} is not set here: made up as ${bold(secret)}`);
  }
  for (const { route, type } of bench.callers().values()) {
    console.log(`  ${bench.hook.url}/${route}  ${dim(type)}`);
  }
}

async function suggest(bench: Parameters<typeof startOperation>[0]): Promise<void> {
  const { emulator, hook } = bench;
  const name = await startOperation(bench, 'yours');
  title('Now you');
  console.log(`
  # the state of an operation that is yours to cancel
  curl -H 'Authorization: Bearer me' ${emulator.url}/v1/${name}

  # cancel it, and wait for the outcome
  curl -i ${hook.url}/ops -H 'Authorization: Bearer ${TOKEN}' -H 'Content-Type: application/json' \\
    -d '{"name": "${name}", "wait": "5s"}'

  # start another one
  curl -X POST -H 'Authorization: Bearer me' -H 'Content-Type: application/json' \\
    '${emulator.url}/v1/projects/demo/locations/us-central1/caPools?caPoolId=another' -d '{"tier": "DEVOPS"}'

  # sweep what is older than a minute, without touching it
  curl ${hook.url}/ops -H 'Authorization: Bearer ${TOKEN}' -H 'Content-Type: application/json' \\
    -d '{"parent": "projects/nightly/locations/-", "olderThan": "1m", "validateOnly": true}'

  # the same with your own configuration
  npm run dev -- --config hook.yaml
`);
}

async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    onOrphaned(resolve);
  });
}

function describePort(error: unknown, ports: DevOptions['ports']): unknown {
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code !== 'EADDRINUSE') return error;
  // The further services of the emulator have the ports after its own.
  const which = port === ports.console ? 'console' : port === ports.hook ? 'hook' : 'emulator';
  const [what, other] =
    which === 'emulator' && port !== ports.emulator
      ? [`port ${port} of the emulator, which takes those from ${ports.emulator} on,`, 'others']
      : [`port ${port}`, 'another'];
  return new PortTaken(
    `${what} is in use: choose ${other} with ${FLAGS[which]} PORT (0: any free one)`,
  );
}
