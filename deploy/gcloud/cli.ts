/** Runs the script: checks the configuration, reads the state, plans, asks, and runs. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { EXIT } from '../../src/cli/command.ts';
import { type Command, CommandFailed, format, type Runner, runCommands } from './commands.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { audienceOf, isPublic, PLACEHOLDERS, planApis, planDeployment } from './deploy.ts';
import { type Options, Refusal, readOptions } from './options.ts';
import { planRemoval } from './remove.ts';
import { createReader, readService, readState, type State } from './state.ts';

export interface Terminal extends Runner {
  readonly err: (text: string) => void;
  /** Asks a question to answer with yes or no; undefined where there is nobody to ask. */
  readonly ask: (question: string) => Promise<boolean | undefined>;
}

/** @returns the exit code: 0; 1 refused or failed; 2 wrong arguments */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const options = readOptions(args, terminal.out);
    if (options.action === 'deploy') await deploy(options, terminal);
    else await remove(options, terminal);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof Refusal || error instanceof CommandFailed)) throw error;
    terminal.err(`cancel-hook.sh: ${error.message}\n`);
    return EXIT.failed;
  }
}

async function deploy(options: Options, terminal: Terminal): Promise<void> {
  const configuration = await readConfiguration(options, terminal.out);
  const enabled = readEnabledApis(options, terminal);
  const apis = planApis(options, configuration, enabled);
  if (apis.length > 0) {
    const where = [`--project=${options.project}`, '--quiet'];
    const command = { args: [...apis, ...where] };
    await confirm('enable the APIs', [command], options, terminal);
    if (!options.dryRun) {
      await runCommands([command], {}, terminal);
      for (const api of apis.slice(2)) enabled.add(api);
    }
  }
  const areNew = apis.length > 0 && !options.dryRun;
  const state = await readStateWithRetry(options, configuration, enabled, areNew, terminal);
  for (const project of state.unreadableProjects) {
    terminal.out(
      `# The project ${project} cannot be seen: rights that the function has there stay.\n`,
    );
  }
  const commands = planDeployment(options, configuration, state);
  terminal.out(`\n# ${PLACEHOLDERS.file} is a temporary file with this content:\n`);
  terminal.out(`${JSON.stringify(configuration.variables, null, 2).replaceAll(/^/gm, '#   ')}\n`);
  if (options.sweep) {
    terminal.out(`# ${PLACEHOLDERS.url} is what this prints:\n# ${format(urlArgs(options))}\n`);
  }
  await confirm('deploy', commands, options, terminal);
  if (options.dryRun) return;
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook.'));
  try {
    const file = join(folder, 'variables.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(configuration.variables));
    const late = {
      [PLACEHOLDERS.file]: () => file,
      [PLACEHOLDERS.url]: () => readUrl(options, terminal),
    };
    await runCommands(commands, late, terminal);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const service = readService(options, createReader(terminal.gcloud, enabled));
  if (service && !options.public && isPublic(service)) {
    throw new CommandFailed(
      'the function is public: somebody else made it so. Run the script again',
    );
  }
  terminal.out(`Deployed. The audience of ID tokens is ${audienceOf(options)}\n`);
}

async function remove(options: Options, terminal: Terminal): Promise<void> {
  const state = readState(
    options,
    undefined,
    createReader(terminal.gcloud, readEnabledApis(options, terminal)),
  );
  const commands = planRemoval(options, state);
  if (commands.length === 0) {
    terminal.out('There is nothing to remove.\n');
    return;
  }
  await confirm('remove', commands, options, terminal);
  if (options.dryRun) return;
  await runCommands(commands, {}, terminal);
  terminal.out(
    'Removed. The secrets, a queue, the enabled APIs and the source that Cloud Functions keeps in gcf-v2-sources-… are still there.\n',
  );
}

function readEnabledApis({ project }: Options, { gcloud }: Terminal): Set<string> {
  const found = createReader(gcloud, new Set()).list(
    'services',
    'list',
    '--enabled',
    `--project=${project}`,
  );
  return new Set(found.map(({ config }) => config.name));
}

/** Seconds between reads from an API that has just been enabled, and is not yet known everywhere. */
const PAUSES = [10, 20, 30];

async function readStateWithRetry(
  options: Options,
  { queue }: Configuration,
  enabled: ReadonlySet<string>,
  areNew: boolean,
  { gcloud, out, sleep }: Terminal,
): Promise<State> {
  for (const seconds of areNew ? PAUSES : []) {
    try {
      return readState(options, queue, createReader(gcloud, enabled));
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      out(`${error.message}\nThe APIs are new. Once more in ${seconds} s.\n`);
      await sleep(seconds);
    }
  }
  return readState(options, queue, createReader(gcloud, enabled));
}

/** Prints commands, and asks whether to run them. @throws Refusal */
async function confirm(
  purpose: string,
  commands: readonly Command[],
  { yes, dryRun, name, project }: Options,
  { out, ask }: Terminal,
): Promise<void> {
  out(`\n# Commands to ${purpose} (${name} in ${project}):\n`);
  for (const { args } of commands) out(`${format(args)}\n`);
  if (yes || dryRun) return;
  const answer = await ask('Run these commands? [y/N] ');
  if (answer === undefined)
    throw new Refusal('nothing was done: there is nobody to ask (see --yes)');
  if (!answer) throw new Refusal('nothing was done');
}

function urlArgs({ name, region, project }: Options): string[] {
  return [
    ...['functions', 'describe', name, `--region=${region}`, `--project=${project}`],
    ...['--format=value(serviceConfig.uri)', '--quiet'],
  ];
}

/** @throws CommandFailed */
function readUrl(options: Options, { gcloud }: Terminal): string {
  const { status, stdout, stderr } = gcloud(urlArgs(options), true);
  const url = stdout.trim();
  if (status !== 0 || !url.startsWith('https://')) {
    throw new CommandFailed(
      `could not read the state: ${format(urlArgs(options))}\n${stderr.trim()}`,
    );
  }
  return url;
}
