/** Hostile texts: what names, keys and values are replaced by. */

import fc from 'fast-check';

export const ALLOWED_OPERATIONS = 'projects/my-project/locations/us-central1/operations';

/** Marks what a sender wrote as free text. No name can hold it, so nobody may repeat it as one. */
export const CANARY = '~canary~';

/** Under each of the oracle's rules, and beside them. */
export const operationNames: fc.Arbitrary<string> = fc.constantFrom(
  `${ALLOWED_OPERATIONS}/running`,
  `${ALLOWED_OPERATIONS}/done-before`,
  `${ALLOWED_OPERATIONS}/missing`,
  'projects/typed/locations/l1/operations/run-create-dev',
  'projects/typed/locations/l1/operations/run-delete-dev',
  'projects/typed/locations/l1/operations/run-create-prod',
  'projects/typed/locations/l1/operations/other-create-dev',
  'projects/private/locations/l/operations/o',
  'projects/my-project/locations/us-central10/operations/o',
  'projects/my-project1/locations/us-central1/operations/o',
  'projects/other/locations/us-central1/operations/o',
  'projects/example.com:my-project/locations/us-central1/operations/o',
);

const TRICKS = [
  ...[CANARY, CANARY],
  ...['..', '/..', '/../..', '/.', '//', '%2f', '%2F..', '%252f', '\\', '\\..\\', ';a=b', '?x=y'],
  ...['#x', '@evil.example', ':cancel', ':delete', '%00', '\0', '\n', '\r\n', '\r\nX-Evil: 1', ' '],
  ...['\u2028', '\u202e', '\ufeff', '\u200b', 'ü', 'а', '／', '․․', '\ud800', '\udfff', '😀', '*'],
  ...['**', '{{x}}', '$(x)', '<!channel>', '<@U1>', '|', '`', '&lt;', '&#x2f;', "'", '"', '+'],
];
/** Where a chat might be made to send its words. */
export const ADDRESSES = [
  ...[
    'https://evil.example/x',
    'http://169.254.169.254/computeMetadata/v1/',
    'http://localhost:1/',
  ],
  ...['https://hooks.slack.com@evil.example/', 'https://slack.fuzz.example.evil.example/'],
  ...['http://slack.fuzz.example/', 'blob:https://hooks.slack.com/x', 'file:///etc/passwd'],
  ...[
    'https://user:pass@slack.fuzz.example/',
    'https://slack.fuzz.example:444/',
    '//hooks.slack.com',
  ],
];

const tricks = fc.constantFrom(...TRICKS);

/** A name with a trick somewhere in it, or around it. */
export const trickedNames: fc.Arbitrary<string> = fc
  .tuple(operationNames, tricks, fc.nat(), fc.constantFrom('in', 'for', 'before', 'after'))
  .map(([name, trick, at, how]) => {
    const place = at % (name.length + 1);
    if (how === 'in') return name.slice(0, place) + trick + name.slice(place);
    if (how === 'before') return trick + name;
    if (how === 'after') return name + trick;
    const segments = name.split('/');
    segments[at % segments.length] = trick;
    return segments.join('/');
  });

/** How people and programs write a name in a text. */
const wrappedNames = fc
  .tuple(
    fc.oneof(operationNames, trickedNames),
    fc.constantFrom(
      ...(['`$`', '<$>', '&lt;$&gt;', '<https://x.example/$|$>', '$.', '$, too', '($)'] as const),
      ...([
        '//privateca.googleapis.com/$',
        'https://x.example/v1/$?a=b',
        ' $ ',
        '$ $',
        'x$',
      ] as const),
      ...(['cancel $ because', 'status $', 'list $', 'CANCEL\t$', 'cancel <x|$>', 'help'] as const),
    ),
  )
  .map(([name, frame]) => frame.replaceAll('$', () => name));

const KEYS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length'],
  ...['name', 'Name', 'name ', 'parent', 'olderThan', 'wait', 'reason', 'validateOnly', 'limit'],
  ...['verbs', 'targets', 'operation', 'incident', 'alerts', 'status', 'version', 'event', 'data'],
  ...['message', 'chat', 'type', 'user', 'team', 'payload', 'actions', '$data', '$ref', '$schema'],
  ...['', '0', '\0', '\ud800', '…', 'canary key'],
];
export const keys: fc.Arbitrary<string> = fc.constantFrom(...KEYS);

/** Durations, numbers and dates as text, at their ends and beyond them. */
const figures = fc.constantFrom(
  ...['0s', '1s', '55s', '56s', '1m', '6h', '2d', '999999999d', '1.5s', '.5s', '1.s', '-1s', '+1s'],
  ...[
    '1e3s',
    '0x10s',
    '1S',
    '1 s',
    's',
    '١s',
    'NaNs',
    'Infinity',
    '1s\n',
    '1_000s',
    '00000000001s',
  ],
);

export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: operationNames },
  { weight: 4, arbitrary: trickedNames },
  { weight: 4, arbitrary: wrappedNames },
  { weight: 2, arbitrary: figures },
  { weight: 2, arbitrary: keys },
  { weight: 2, arbitrary: fc.constant(`${CANARY}\r\n{"severity":"ERROR"}\u2028`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.constantFrom('firing', 'resolved', 'open', 'OPEN', 'test', 'closed') },
  { weight: 1, arbitrary: fc.constantFrom('T0PRIVATE', 'U0PRIVATE', 'T0PRIVATE/U0PRIVATE') },
  { weight: 1, arbitrary: fc.constantFrom('users/private', 'private@example.com') },
  { weight: 1, arbitrary: tricks },
  { weight: 1, arbitrary: fc.constantFrom(...ADDRESSES) },
);
