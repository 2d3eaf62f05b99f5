/** Slack's forms: a slash command, and a click on a button of the function. */

export const TEAM = 'T0123ABCD';
export const USER = 'U0456EFGH';
export const CHANNEL = 'C0789IJKL';

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;

/** https://docs.slack.dev/interactivity/implementing-slash-commands; `undefined` leaves a field out. */
export function slashForm(text: string, over: Record<string, string | undefined> = {}): string {
  const fields = {
    token: 'legacy-token',
    team_id: TEAM,
    team_domain: 'example',
    channel_id: CHANNEL,
    channel_name: 'on-call',
    user_id: USER,
    user_name: 'ada',
    command: '/cancel-op',
    text,
    api_app_id: 'A0123',
    is_enterprise_install: 'false',
    trigger_id: '1.2.3',
    ...over,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given as [string, string][]).toString();
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function clickForm(value: string, over: Record<string, unknown> = {}): string {
  return payloadForm({
    type: 'block_actions',
    team: { id: TEAM, domain: 'example' },
    user: { id: USER, username: 'ada', team_id: TEAM },
    api_app_id: 'A0123',
    token: 'legacy-token',
    container: { type: 'message', channel_id: CHANNEL, is_ephemeral: true },
    trigger_id: '1.2.3',
    channel: { id: CHANNEL, name: 'on-call' },
    actions: [
      {
        type: 'button',
        block_id: 'b',
        action_id: 'cancel_operation',
        text: { type: 'plain_text', text: 'Cancel' },
        value,
        action_ts: '1.2',
      },
    ],
    ...over,
  });
}

export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
