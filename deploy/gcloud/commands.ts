/** Commands of gcloud: how they are made, printed, and run. */

/** One command, as arguments of gcloud. */
export interface Command {
  readonly args: readonly string[];
  /** Whether to try again: a new service account is not known everywhere at once. */
  readonly retry?: boolean;
}

export interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs gcloud to its end. `capture` returns what it writes; otherwise the person at the terminal sees it. */
export type Gcloud = (args: readonly string[], capture: boolean) => Output;

/** A command of gcloud failed: nothing after it has been run. */
export class CommandFailed extends Error {}

export interface Binding {
  readonly role: string;
  readonly members?: readonly string[];
  readonly condition?: { readonly title?: string };
}

/** Something with an IAM policy. */
export interface Resource {
  /** The group of commands, such as `run services`. */
  readonly group: string;
  readonly name: string;
  readonly flags: readonly string[];
  readonly bindings: readonly Binding[];
  /** Whether its bindings can have conditions. */
  readonly conditions: boolean;
}

/** Returns the command that binds a role, unless it is bound. */
export function grant(
  resource: Resource,
  role: string,
  member: string,
  condition?: { readonly title: string; readonly expression: string },
): Command[] {
  const isBound = resource.bindings.some(
    (one) =>
      one.role === role &&
      one.condition?.title === condition?.title &&
      one.members?.some((other) => isSame(other, member)),
  );
  if (isBound) return [];
  const flag = condition ? `title=${condition.title},expression=${condition.expression}` : 'None';
  const flags = resource.conditions ? [`--condition=${flag}`] : [];
  return [{ args: bindingArgs('add', resource, role, member, flags), retry: true }];
}

/** Returns the command that takes a role away, whatever its conditions, if it is bound. */
export function revoke(resource: Resource, role: string, member: string): Command[] {
  const isBound = resource.bindings.some(
    (one) => one.role === role && one.members?.some((other) => isSame(other, member)),
  );
  const flags = resource.conditions ? ['--all'] : [];
  return isBound ? [{ args: bindingArgs('remove', resource, role, member, flags) }] : [];
}

function bindingArgs(
  verb: 'add' | 'remove',
  { group, name, flags }: Resource,
  role: string,
  member: string,
  more: readonly string[],
): string[] {
  return [
    ...group.split(' '),
    `${verb}-iam-policy-binding`,
    name,
    ...flags,
    `--member=${member}`,
    `--role=${role}`,
    ...more,
    '--format=none',
    '--quiet',
  ];
}

/** Compares members of IAM policies: an email in any case is the same person. */
export function isSame(a: string, b: string): boolean {
  const fold = (member: string) => (member.startsWith('principal') ? member : member.toLowerCase());
  return fold(a) === fold(b);
}

/** Formats a command as a shell reads it. */
export function format(args: readonly string[]): string {
  const quote = (word: string) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return ['gcloud', ...args].map(quote).join(' ');
}

const RETRY_SECONDS = [5, 10, 15, 20];

export interface Runner {
  readonly gcloud: Gcloud;
  readonly out: (text: string) => void;
  readonly sleep: (seconds: number) => Promise<void>;
}

/**
 * Runs commands one after the other.
 *
 * @param late the words of commands that are known when the command runs
 * @throws CommandFailed at the first that fails
 */
export async function runCommands(
  commands: readonly Command[],
  late: Readonly<Record<string, () => string>>,
  { gcloud, out, sleep }: Runner,
): Promise<void> {
  for (const { args: template, retry } of commands) {
    const args = template.map((word) =>
      Object.entries(late).reduce(
        (text, [placeholder, value]) =>
          text.includes(placeholder) ? text.replace(placeholder, value()) : text,
        word,
      ),
    );
    for (const seconds of [...(retry ? RETRY_SECONDS : []), 0]) {
      out(`+ ${format(args)}\n`);
      if (gcloud(args, false).status === 0) break;
      if (seconds === 0) throw new CommandFailed(`this command failed: ${format(args)}`);
      out(`Once more in ${seconds} s.\n`);
      await sleep(seconds);
    }
  }
}
