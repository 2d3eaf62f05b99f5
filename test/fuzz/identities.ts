/** Whose words a body claims to be, read once more and otherwise: for the oracle alone. */

import type { Fixture } from '../fixtures/fixture.ts';

export function identitiesIn({ settings }: Fixture, body: Buffer): string[] {
  try {
    if (settings.type === 'slack') return slack(body.toString('utf8'));
    if (settings.type === 'google-chat') return chat(body);
  } catch {
    return [];
  }
  return [];
}

function slack(text: string): string[] {
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  if (payload === null) return [`${form.get('team_id')}/${form.get('user_id')}`];
  const { team, user } = JSON.parse(payload);
  return [`${user?.team_id ?? team?.id}/${user?.id}`];
}

function chat(body: Buffer): string[] {
  const event = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  const user = event.chat ? event.chat.user : event.user;
  return typeof user?.name === 'string' ? [user.name] : [];
}
