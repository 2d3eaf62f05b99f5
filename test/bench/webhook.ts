/** adnanh/webhook: https://github.com/adnanh/webhook */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missing } from '../deploy/pack.ts';
import type { Candidate } from './candidates.ts';
import { alternativeEnvironment, scratch } from './environment.ts';
import { RULES, TOKEN } from './job.ts';
import { bench } from './pack.ts';
import { ACCESS_TOKEN } from './upstream.ts';

/** https://github.com/adnanh/webhook/blob/master/docs/Hook-Definition.md */
function webhookDefinition(): object[] {
  const value = (type: string, of: object, source: string, name: string) => ({
    match: { type, ...of, parameter: { source, name } },
  });
  const patterns = RULES.map((rule) => `^${rule.replaceAll('*', '[^/]*')}$`);
  return [
    {
      id: 'ops',
      'http-methods': ['POST'],
      'execute-command': join(bench, 'alternatives/webhook/cancel.sh'),
      'include-command-output-in-response': true,
      'pass-arguments-to-command': [{ source: 'payload', name: 'name' }],
      'trigger-rule': {
        and: [
          value('value', { value: `Bearer ${TOKEN}` }, 'header', 'Authorization'),
          { or: patterns.map((regex) => value('regex', { regex }, 'payload', 'name')) },
        ],
      },
      'trigger-rule-mismatch-http-response-code': 403,
    },
  ];
}

export const webhook: Candidate = {
  key: 'webhook',
  name: 'adnanh/webhook + curl',
  settings:
    'Debian’s package; trigger rules for the token and the 20 patterns; one curl by a shell script, ' +
    'the access token handed to it; no log line',
  cancels: true,
  path: '/hooks/ops',
  warmUp: 50,
  missing: missing('webhook') || missing('curl'),
  start(place) {
    const hooks = join(scratch, 'hooks.json');
    writeFileSync(hooks, JSON.stringify(webhookDefinition()));
    return {
      cwd: bench,
      command: 'webhook',
      args: ['-hooks', hooks, '-ip', '127.0.0.1', '-port', `${place.port}`],
      env: { ...alternativeEnvironment(place), ALTERNATIVE_ACCESS_TOKEN: ACCESS_TOKEN },
    };
  },
};

export function webhookVersion(): string {
  const told = execFileSync('webhook', ['-version'], { encoding: 'utf8' });
  return told.replace('webhook version', '').trim();
}
