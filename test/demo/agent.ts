/** The demo's scene about an agent, which proposes, and a person, who decides. */

import assert from 'node:assert/strict';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';
import { headersOf, toolCall } from '../../src/cli/send/senders/mcp.ts';
import { FORM } from '../../src/cli/send/senders/slack.ts';
import { pressForm, waitForMessages } from '../support/destination.ts';
import { type DemoApp, PARENT, TOKEN } from './app.ts';
import { fact, received, say, sent, title } from './screen.ts';
import { ending, startOperation } from './steps.ts';

/** Calls a tool, as an agent's client does. @returns the fields of its result */
async function callTool({ hook }: DemoApp, tool: string, given: object) {
  const body = toolCall(tool, given);
  sent('POST', '/agent', `${tool} ${JSON.stringify(given)}`);
  const response = await fetch(`${hook.url}/agent`, {
    method: 'POST',
    headers: { ...headersOf(body), Authorization: `Bearer ${TOKEN}` },
    body,
  });
  const { result } = (await response.json()) as {
    result: { content: { text: string }[]; structuredContent: Record<string, unknown> };
  };
  received(response.status, result.content[0]?.text ?? '');
  return result.structuredContent;
}

/** From a refusal, by what the agent may do, to the pressed button and to CANCELLED. */
export async function agentProposes(app: DemoApp): Promise<void> {
  title('An AI agent proposes, and a person decides');
  const { emulator } = app;
  const name = await startOperation(app, 'noticed');
  const refused = await callTool(app, 'explain', { name: name.replace('demo', 'production') });
  assert.equal(refused.allowed, false);
  say(`It is told what it may: ${JSON.stringify(refused.yourRules)}`);
  const { operations } = await callTool(app, 'list_running', { parent: PARENT });
  assert.ok((operations as { name: string }[]).some((one) => one.name === name));

  const before = emulator.inbox.length;
  const reason = 'it has waited for its zone for hours';
  const proposed = await callTool(app, 'cancel_operation', { name, reason });
  assert.equal(proposed.outcome, 'ASKED');
  assert.equal((await callTool(app, 'get_operation', { name })).state, 'RUNNING');
  const message = (await waitForMessages(emulator, before + 1))[before] ?? assert.fail();
  assert.ok(JSON.stringify(message.body).includes(reason));
  say(`Slack shows: ${message.body.text} ${reason}  [ Cancel ]`);

  const form = pressForm(emulator, message, name);
  const secret = app.fixtures.get('slack')?.env.SLACK_SIGNING_SECRET ?? '';
  sent('POST', '/slack', `payload={"type":"block_actions", … "value":"${name}"}`);
  const headers = { ...FORM, ...signSlack(form, secret, Date.now()) };
  const pressed = await fetch(`${app.hook.url}/slack`, { method: 'POST', headers, body: form });
  received(pressed.status, await pressed.text());
  assert.equal((await ending(app, name)).code, 1);
  const { state } = await callTool(app, 'get_operation', { name });
  assert.equal(state, 'CANCELLED');
  fact(`the agent cancelled nothing; after the press it reads ${state}`);
}
