/** Google Chat, played: whose tokens it sends, and how it reads an answer. */

export const ENDPOINT = 'https://hook.example.com/chat';
export const NUMBER = '123456789012';
export const CHAT_ACCOUNT = 'chat@system.gserviceaccount.com';
export const ADD_ON_ACCOUNT = `service-${NUMBER}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com`;

// biome-ignore lint/suspicious/noExplicitAny: tests read messages of many shapes.
export type Message = any;

/** The message in an answer of either shape. */
export function getMessage(answer: Message): Message {
  return answer.hostAppDataAction?.chatDataAction?.createMessageAction?.message ?? answer;
}

/** The buttons of a message's cards: what they say, and what a click on each would send. */
export function getButtons(message: Message) {
  const widgets = (message.cardsV2 ?? []).flatMap((one: Message) =>
    one.card.sections.flatMap((section: Message) => section.widgets),
  );
  return widgets.map(({ decoratedText: { button } }: Message) => ({
    text: button.text as string,
    handler: button.onClick.action.function as string,
    parameters: Object.fromEntries(
      button.onClick.action.parameters.map(({ key, value }: Message) => [key, value]),
    ) as Record<string, string>,
  }));
}
