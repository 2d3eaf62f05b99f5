/** What every part of the page uses to show things. Text goes in as text, never as markup. */

const MOST_SHOWN = 28;

/** The element of an id that the page has. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element. `children`: elements, or text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The choices of a select; what was chosen stays so where it is still there. */
export function setOptions(select, options) {
  const chosen = select.value;
  select.replaceChildren(
    ...options.map(({ value, label = value }) => element('option', { value }, label)),
  );
  if (options.some(({ value }) => String(value) === chosen)) select.value = chosen;
}

/** Text that looks like JSON, laid out to be read; any other text as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function code(text) {
  return element('pre', {}, element('code', {}, text));
}

const MOST_SAID = 5;

/** Says it to those who do not see it happen, after what was said before. */
export function announce(text) {
  const said = byId('announcements');
  said.append(element('p', {}, text));
  if (said.children.length > MOST_SAID) said.firstElementChild.remove();
}

/** `3 m` and the like. @param milliseconds since it began */
export function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [value, unit] =
    seconds < 60
      ? [seconds, 's']
      : seconds < 3600
        ? [Math.floor(seconds / 60), 'm']
        : [Math.floor(seconds / 3600), 'h'];
  return `${value} ${unit}`;
}

/** The last part of a name, which tells it from the others; of a long one, its beginning and end. */
export function lastOf(name) {
  const last = name.split('/').at(-1);
  return last.length > MOST_SHOWN ? `${last.slice(0, 10)}…${last.slice(-17)}` : last;
}
