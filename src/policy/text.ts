/** Quotes values in explanations, so that these stay short however long the values are. */

const MAX_QUOTED_VALUES = 5;
const MAX_QUOTED_CHARACTERS = 150;

/** Returns at most five values, each in double quotes, and how many more there are. */
export function quote(values: readonly string[]): string {
  const quoted = values.slice(0, MAX_QUOTED_VALUES).map((value) => JSON.stringify(truncate(value)));
  const more = values.length - quoted.length;
  return `${quoted.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function quoteOneOf(values: readonly string[]): string {
  return `${values.length === 1 ? '' : 'one of '}${quote(values)}`;
}

export function truncate(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}
