/**
 * Writes the inputs and outputs of the Terraform module into its README, from the module itself, in place
 * of terraform-docs. The files are as `terraform fmt` leaves them.
 */

import { globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

const MODULE = new URL('terraform/', import.meta.url);
const BEGIN = '<!-- BEGIN: written by npm run fix -->';
const END = '<!-- END -->';

interface Block {
  readonly name: string;
  readonly body: string;
}

/** Returns a README in which the part between the marks is as the module has it now. */
export function formatModuleReadme(readme: string): string {
  const [before, after] = [readme.split(BEGIN)[0], readme.split(END)[1]];
  const files = globSync('*.tf', { cwd: MODULE }).sort();
  const module = files.map((file) => readFileSync(new URL(file, MODULE), 'utf8')).join('\n');
  const inputs = blocksOf('variable', module).toSorted(byName).toSorted(requiredFirst);
  const outputs = blocksOf('output', module).toSorted(byName);
  return [
    `${before}${BEGIN}`,
    '',
    '## Inputs',
    '',
    '| name | description | type | default |',
    '|---|---|---|---|',
    ...inputs.map(
      ({ name, body }) =>
        `| \`${name}\` | ${description(body)} | \`${attribute('type', body)}\` | ${defaultOf(body)} |`,
    ),
    '',
    '## Outputs',
    '',
    '| name | description |',
    '|---|---|',
    ...outputs.map(({ name, body }) => `| \`${name}\` | ${description(body)} |`),
    '',
    `${END}${after}`,
  ].join('\n');
}

function blocksOf(kind: string, module: string): Block[] {
  const blocks = module.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n(.*?)^\\}`, 'gms'));
  return [...blocks].map(([, name = '', body = '']) => ({ name, body }));
}

const byName = (a: Block, b: Block) => (a.name < b.name ? -1 : 1);
const requiredFirst = (a: Block, b: Block) => Number(isOptional(a)) - Number(isOptional(b));
const isOptional = ({ body }: Block) => attribute('default', body) !== undefined;

function description(body: string): string {
  const [, lines] = /^ {2}description = <<-EOT\n(.*?)^ {2}EOT$/ms.exec(body) ?? [];
  const text = lines ?? JSON.parse(attribute('description', body) ?? '""');
  return oneLine(text).replaceAll('|', '\\|');
}

function defaultOf(body: string): string {
  const value = attribute('default', body);
  return value === undefined ? 'required' : `\`${value}\``;
}

/** The expression of an attribute, in one line; it ends where the next line is not indented further. */
function attribute(name: string, body: string): string | undefined {
  const [, value] =
    new RegExp(`^ {2}${name} += (.*(?:\\n {4}.*)*(?:\\n {2}[}\\])]+)?)$`, 'm').exec(body) ?? [];
  return (
    value && oneLine(value.replaceAll(/ +#.*$/gm, '').replaceAll(/(?<=[^{(])\n(?= {4})/g, ','))
  );
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

if (import.meta.main) {
  const readme = new URL('README.md', MODULE);
  await writeFile(readme, formatModuleReadme(readFileSync(readme, 'utf8')));
}
