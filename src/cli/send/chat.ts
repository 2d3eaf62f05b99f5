/** Creates what a chat sends: a command, or a click on a Cancel button. */

import { UsageError } from '../command.ts';
import type { SendContext } from './bodies.ts';
import { addOn, app, PERSON, SPACE } from './senders/google-chat.ts';
import { CHANNEL, clickForm, slashForm, TEAM, USER } from './senders/slack.ts';

/** Returns what follows the slash command; without an operation it is help, which cancels nothing. */
function commandText({ name, values: { text, reason } }: SendContext): string {
  if (text !== undefined) {
    if (name !== undefined)
      throw new UsageError('--text is the whole command: name the operation in it');
    if (reason !== undefined)
      throw new UsageError('--text is the whole command: give the reason in it');
    return text;
  }
  if (name === undefined) return 'help';
  return ['cancel', name, ...(reason === undefined ? [] : [reason])].join(' ');
}

/** Returns the operation of the button. */
function selectedOperation({ name, values: { text, reason } }: SendContext): string {
  if (name === undefined) throw new UsageError('--button needs an operation');
  if (text !== undefined || reason !== undefined) {
    throw new UsageError('--button has no text: omit --text and --reason');
  }
  return name;
}

/** https://docs.slack.dev/reference/objects: the first letter of an id says what it is of. */
const SLACK_ID = /^([A-Z0-9]+)\/([UWCGD][A-Z0-9]*)$/;

export function slackForm(wanted: SendContext): string {
  let [team, user, channel] = [TEAM, USER, CHANNEL];
  for (const principal of wanted.values.principal ?? []) {
    const [, workspace, id] = SLACK_ID.exec(principal) ?? [];
    if (workspace === undefined || id === undefined) {
      throw new UsageError('--principal is TEAM/USER or TEAM/CHANNEL for slack');
    }
    team = workspace;
    if (/^[UW]/.test(id)) user = id;
    else channel = id;
  }
  return wanted.values.button
    ? clickForm(selectedOperation(wanted), {
        team: { id: team },
        user: { id: user, team_id: team },
        channel: { id: channel },
      })
    : slashForm(commandText(wanted), { team_id: team, user_id: user, channel_id: channel });
}

export function chatEvent(wanted: SendContext): string {
  const { principal: principals = [], button } = wanted.values;
  const [user, space] = [{ ...PERSON }, { ...SPACE }];
  for (const principal of principals) {
    if (principal.startsWith('users/')) user.name = principal;
    else if (principal.startsWith('spaces/')) space.name = principal;
    else if (principal.includes('@')) user.email = principal;
    else throw new UsageError('--principal is users/…, spaces/… or an email for google-chat');
  }
  const isAddOn = wanted.values['add-on'] ?? wanted.settings.serviceAccount !== undefined;
  const { slash, click } = isAddOn ? addOn : app;
  const event = button
    ? click({ operation: selectedOperation(wanted) }, { user, space })
    : slash(commandText(wanted), { user, space });
  return JSON.stringify(event);
}
