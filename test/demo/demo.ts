/**
 * `npm run demo`: the main job from end to end, on an emulated Google Cloud; exits 0 where all went
 * as promised. `npm run dev` does the same, stays, and prints what to try.
 */

import { type Console, startConsole } from '../console/server.ts';
import { onOrphaned } from '../emulator/orphaned.ts';
import { type House, openHouse, TOKEN } from './app.ts';
import { askPeople, budget } from './automation.ts';
import { execution, jobFromSlack } from './jobs.ts';
import { explainFault, explainTaken, type Ports, readOptions } from './options.ts';
import { bold, dim, fact, title } from './screen.ts';
import {
  everyCaller,
  lastLogLine,
  outcomes,
  refusals,
  runaway,
  startOperation,
  sweep,
} from './steps.ts';

const ports = read();
const app = await openHouse(ports).catch((error: unknown) => process.exit(explainTaken(error)));
let page: Console | undefined;
try {
  page = ports && (await startConsole(app, ports.console));
  console.log(bold('cancel-hook'), dim('· one webhook cancels one Google Cloud operation'));
  console.log(
    dim(`  an emulated Google Cloud at ${app.emulator.url}, the function at ${app.hook.url}`),
  );
  await runaway(app);
  await refusals(app);
  await outcomes(app);
  await sweep(app);
  await everyCaller(app);
  await askPeople(app);
  await budget(app);
  await jobFromSlack(app);
  await execution(app);
  lastLogLine(app);
  if (page) await stay(app, page);
  title('All as promised.');
} catch (error) {
  process.exitCode = explainTaken(error);
} finally {
  await page?.close();
  await app.close();
}

/** Until Ctrl-C. */
async function stay(open: House, page: Console): Promise<void> {
  const { emulator, hook } = open;
  const name = await startOperation(open, 'yours');
  title('Now you');
  console.log(`
  # all of this on a page: start operations, fire any caller's webhook, see which rule decided
  ${page.url}

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
`);
  fact('Stop with Ctrl-C.');
  hook.process.stdout?.pipe(process.stdout);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    onOrphaned(resolve);
  });
}

function read(): Ports | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.exit(explainFault(error));
  }
}
