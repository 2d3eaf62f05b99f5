/** Messages as Slack and Google Chat show them, with buttons that can be pressed. */

import { post } from './api.js';
import { announce, byId, element } from './dom.js';

let last = '[]';

/** @param show called with the number of the request that a press sent */
export function showMessages(messages, show) {
  byId('message-count').textContent = String(messages.length);
  byId('message-count').classList.toggle('some', messages.length > 0);
  const known = JSON.parse(last);
  if (messages.length > known.length) announce(`A message of ${messages.at(-1).from}.`);
  last = JSON.stringify(messages);
  const cards = messages.map((message) => card(message, show)).reverse();
  const none = element('p', { class: 'quiet' }, 'None yet.');
  byId('inbox').replaceChildren(...(cards.length > 0 ? cards : [none]));
}

function card({ id, service, from, body, replies }, show) {
  const buttons = [];
  const press = (label, confirm) => {
    const index = buttons.length;
    const button = element('button', { type: 'button' }, label);
    const send = () => sendPress(id, index, show);
    button.addEventListener('click', () => (confirm ? ask(button, confirm, send) : send()));
    buttons.push(button);
    return button;
  };
  const parts = service === 'slack' ? slackParts(body, press) : chatParts(body, press);
  const where = service === 'slack' ? 'Slack' : 'Google Chat';
  return element(
    'article',
    { class: `card message ${service}`, 'aria-label': `${where}: ${from}` },
    element('p', { class: 'quiet' }, `${where} · ${from}`),
    ...parts,
    ...replies.map((reply) => element('div', { class: 'reply' }, ...slackParts(reply, press))),
  );
}

async function sendPress(message, button, show) {
  const fault = byId('press-fault');
  try {
    fault.textContent = '';
    show((await post('/api/press', { message, button })).id);
  } catch (error) {
    fault.textContent = error.message;
  }
}

/** Slack's confirmation: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
function ask(button, { title, text, confirm, deny }, send) {
  const yes = element('button', { type: 'button', class: 'primary' }, confirm.text);
  const no = element('button', { type: 'button' }, deny.text);
  const box = element(
    'div',
    { class: 'confirm', role: 'group', 'aria-label': title.text },
    element('p', {}, element('strong', {}, title.text)),
    element('p', {}, text.text),
    yes,
    no,
  );
  const close = () => {
    box.replaceWith(button);
    button.focus();
  };
  yes.addEventListener('click', () => {
    close();
    send();
  });
  no.addEventListener('click', close);
  button.replaceWith(box);
  yes.focus();
}

/** https://docs.slack.dev/reference/block-kit/blocks, as far as the function uses them. */
function slackParts({ text = '', blocks = [] }, press) {
  if (blocks.length === 0) return [element('p', {}, ...markup(text))];
  return blocks.map((block) => {
    const { type, accessory, elements = [] } = block;
    if (type === 'header') return element('h2', { class: 'headline' }, block.text.text);
    if (type === 'context') {
      return element('p', { class: 'quiet' }, ...elements.flatMap((one) => markup(one.text)));
    }
    const buttons = [accessory, ...elements].filter((one) => one?.type === 'button');
    return element(
      'div',
      { class: 'block' },
      ...(block.text ? [element('p', {}, ...markup(block.text.text))] : []),
      ...buttons.map((one) => press(one.text.text, one.confirm)),
    );
  });
}

/** https://developers.google.com/workspace/chat/api/reference/rest/v1/cards, as far as the function uses them. */
function chatParts({ text = '', cardsV2 = [] }, press) {
  const widgets = cardsV2.flatMap(({ card: { header, sections } }) => [
    ...(header ? [element('h2', { class: 'headline' }, header.title)] : []),
    ...sections.flatMap((section) => section.widgets).map((widget) => chatWidget(widget, press)),
  ]);
  return [...(text ? [element('p', {}, ...markup(text))] : []), ...widgets];
}

function chatWidget({ decoratedText, textParagraph }, press) {
  const { topLabel, text = textParagraph?.text ?? '', bottomLabel, button } = decoratedText ?? {};
  return element(
    'div',
    { class: 'block' },
    element(
      'p',
      {},
      ...(topLabel ? [element('small', {}, topLabel), ' '] : []),
      text,
      ...(bottomLabel ? [' ', element('small', {}, bottomLabel)] : []),
    ),
    ...(button?.onClick?.action ? [press(button.text)] : []),
  );
}

/** Slack's mrkdwn and Chat's: code, bold, people, links. Whatever else stays as it is. */
function markup(text) {
  return text.split(/(`[^`]+`|\*[^*\n]+\*|<[^>\n]+>)/).map((part) => {
    const inside = plain(part.slice(1, -1));
    if (/^`.+`$/s.test(part)) return element('code', {}, inside);
    if (/^\*.+\*$/.test(part)) return element('strong', {}, inside);
    if (/^<.+>$/.test(part)) return element('span', { class: 'mention' }, inside.split('|').at(-1));
    return plain(part);
  });
}

function plain(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
