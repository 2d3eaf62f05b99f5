/**
 * Writes the rules of the configuration's JSON Schema as a flat table: HCL has neither JSON Schema nor
 * recursion, but it can look up the rule of each value by its path.
 */

import { readFile, writeFile } from 'node:fs/promises';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: { readonly pattern: string; readonly patternErrorMessage: string };
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly then?: Schema;
  readonly else?: Schema;
}

/** The rule of the values at one path; `entries` names the entries of a list or of a map. */
interface Rule {
  types: string[];
  [keyword: string]: unknown;
}

/** Keywords that a rule takes as they are. Each applies to values of one type only. */
const KEYWORDS = new Set([
  'required',
  'minProperties',
  'maxProperties',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'patternErrorMessage',
]);

const WITHOUT_RULE = new Set(['$schema', '$id', 'title', 'description', 'if']);

/**
 * Formats `{ path: rule }`, a rule a line, with the root at the empty path. The path of an entry of a list or
 * a map ends with `.*`, or with its `type`.
 */
export function formatConfigurationRules(schema: string): string {
  const rules: Record<string, Rule> = {};
  addRules('', JSON.parse(schema), rules);
  const lines = Object.entries(rules).map(
    ([path, rule]) => `  ${JSON.stringify(path)}: ${JSON.stringify(rule)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

function addRules(path: string, schema: Schema, rules: Record<string, Rule>): void {
  rules[path] ??= { types: [] };
  const rule = rules[path];
  const at = (key: string) => `${path}.${key}`;
  for (const [keyword, value] of Object.entries(schema)) {
    switch (keyword) {
      case 'type':
        rule.types.push(value as string);
        break;
      case 'const':
      case 'enum': {
        const values = [value].flat();
        rule.enum = values;
        rule.types = [...new Set([...rule.types, ...values.map((one) => typeof one)])];
        break;
      }
      case 'pattern':
        rule.pattern = toRe2(value as string);
        break;
      case 'propertyNames':
        rule.names = toRe2(schema.propertyNames?.pattern ?? '');
        rule.namesErrorMessage = schema.propertyNames?.patternErrorMessage;
        break;
      case 'properties':
        for (const [key, property] of Object.entries(schema.properties ?? {})) {
          addRules(at(key), property, rules);
        }
        break;
      case 'additionalProperties':
        if (schema.additionalProperties) addEntries(schema.additionalProperties);
        break;
      case 'items':
        if (schema.items) addEntries(schema.items);
        break;
      // Each branch is for values of another type, and so its keywords are.
      case 'anyOf':
        for (const branch of schema.anyOf ?? []) addRules(path, branch, rules);
        break;
      case 'then':
      case 'else':
        addRules(path, value as Schema, rules);
        break;
      default:
        if (KEYWORDS.has(keyword)) rule[keyword] = value;
        else if (!WITHOUT_RULE.has(keyword)) throw new Error(`no rule for ${keyword} at ${path}`);
    }
  }

  function addEntries(entry: Schema): void {
    const branches = entry.oneOf ?? [];
    if (branches.length === 0) {
      rule.entries = { '*': '*' };
      addRules(at('*'), entry, rules);
    }
    for (const branch of branches) {
      const type = String(branch.properties?.type?.const);
      rule.entries = { ...(rule.entries as object), [type]: type };
      addRules(at(type), branch, rules);
    }
  }
}

/** Terraform's expressions are those of RE2. */
function toRe2(pattern: string): string {
  return pattern.replaceAll(/\\u([0-9a-f]{4})/g, '\\x{$1}');
}

if (import.meta.main) {
  const schema = await readFile(new URL('cancel-hook.schema.json', import.meta.url), 'utf8');
  const table = new URL('terraform/modules/configuration-schema/rules.json', import.meta.url);
  await writeFile(table, formatConfigurationRules(schema));
}
