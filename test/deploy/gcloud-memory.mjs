/** Enough of gcloud to see what is there after a script: a list of things, in a file. */

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const args = process.argv.slice(2);
const { GCLOUD_STATE: file, GCLOUD_LOG: log, GCLOUD_FAILS: fails } = process.env;
appendFileSync(log, `gcloud ${args.join(' ')}\n`);
if (fails && args.join(' ').startsWith(fails)) process.exit(1);
const things = new Set(JSON.parse(readFileSync(file, 'utf8')));
const flag = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const words = args.filter((arg) => !arg.startsWith('--'));
const save = () => writeFileSync(file, JSON.stringify([...things].sort()));
const end = (code, text = '') => {
  save();
  if (text) console.log(text);
  process.exit(code);
};
const verb = words.find((word) =>
  /^(enable|describe|create|update|deploy|delete|undelete|list|(add|remove|get)-iam-policy(-binding)?)$/.test(
    word,
  ),
);
const target =
  words[words.indexOf(verb) + (words.includes('jobs') && words.includes('http') ? 2 : 1)];

if (verb === 'enable') end(0);
if (verb.includes('iam-policy')) {
  const [role, member] = flag('filter')
    ? [
        /role=(\S+)/.exec(flag('filter'))?.[1] ?? 'roles/secretmanager.secretAccessor',
        /members=(\S+)/.exec(flag('filter'))[1],
      ]
    : [flag('role'), flag('member')];
  const binding = ['binding', words[0], target, role, member].join(' ');
  if (verb.startsWith('add')) end(0, things.add(binding) && '');
  if (verb.startsWith('remove')) end(things.delete(binding) ? 0 : 1);
  end(0, things.has(binding) ? role : '');
}
if (words[0] === 'projects') end(0, '123456789012');
const kind = words.includes('service-accounts')
  ? `account ${target.split('@')[0]}`
  : words.includes('roles')
    ? `role ${flag('project')}`
    : words[0] === 'artifacts'
      ? `repository ${target}`
      : words[0] === 'functions'
        ? `function ${target}`
        : `job ${target}`;
const gone = `deleted ${kind}`;
if (verb === 'describe' && things.has(gone)) end(0, flag('format') ? 'True' : 'name: x');
if (verb === 'describe')
  end(
    things.has(kind) ? 0 : 1,
    flag('format')?.includes('deleted') ? '' : 'https://cancel-hook.example.com',
  );
if (verb === 'list') end(0, things.has(kind) ? kind : '');
if (verb === 'undelete') end(things.delete(gone) && things.add(kind) ? 0 : 1);
if (verb === 'create' && (things.has(kind) || things.has(gone))) end(1, 'already there');
if (verb === 'update' && !things.has(kind)) end(1, 'not there');
if (verb === 'delete') end(things.delete(kind) ? 0 : 1);
if (flag('env-vars-file')) appendFileSync(log, readFileSync(flag('env-vars-file'), 'utf8'));
things.add(kind);
end(0);
