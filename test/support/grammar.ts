/** The contract's grammar of names and patterns, written once more and otherwise: as an oracle. */

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function isSegment(text: string): boolean {
  return (
    text.length >= 1 &&
    text.length <= 128 &&
    ALPHANUMERIC.includes(text.charAt(0)) &&
    [...text].every((character) => `${ALPHANUMERIC}._-`.includes(character))
  );
}

function isProject(text: string): boolean {
  const at = text.indexOf(':');
  if (at < 0) return isSegment(text);
  return text.length <= 128 && isSegment(text.slice(0, at)) && isSegment(text.slice(at + 1));
}

/** Whether a text is an operation's name, relative. */
export function isName(text: string): boolean {
  const [a, project = '', b, location = '', c, operation = '', ...more] = text.split('/');
  return (
    [a, b, c].join() === 'projects,locations,operations' &&
    isProject(project) &&
    isSegment(location) &&
    isSegment(operation) &&
    more.length === 0
  );
}

/** Whether a pattern's segment matches, by trying every length that each star could have. */
function matchesSegment(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] !== '*') return pattern[0] === text[0] && matchesSegment(rest, text.slice(1));
  return matchesSegment(rest, text) || (text !== '' && matchesSegment(pattern, text.slice(1)));
}

/** Whether a pattern matches a name; `**` as its last segment is one segment or more. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.split('/'), name.split('/')];
  if (wanted.at(-1) === '**') while (wanted.length < given.length) wanted.push('*');
  return (
    wanted.length === given.length &&
    wanted.every((each, i) => given[i] !== '' && matchesSegment(each, given[i] ?? ''))
  );
}
