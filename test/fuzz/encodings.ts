/** What else a request can be dressed in: media types, encodings, other headers, methods and paths. */

import fc from 'fast-check';
import type { FuzzRequest } from './app.ts';

type RequestTransform = (asked: FuzzRequest) => FuzzRequest;

const headers =
  (more: Readonly<Record<string, string>>): RequestTransform =>
  (asked) => ({
    ...asked,
    headers: { ...asked.headers, ...more },
  });

const MEDIA_TYPES = [
  ...['', 'application/json', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'text/json'],
  ...['application/json;charset="utf-8"', 'application/json; charset=utf-16', 'application/xml'],
  ...['application/json, text/plain', 'application/vnd.x+json', 'application/+json', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=utf-8'],
  ...['multipart/form-data; boundary=x', 'application/octet-stream', '*/*', ';', '/', 'json'],
  ...['application/json; charset=utf-8; charset=utf-16', 'application/json;charset=latin1'],
];

const NAMES = [
  ...[
    'content-encoding',
    'transfer-encoding',
    'traceparent',
    'x-forwarded-for',
    'x-forwarded-host',
  ],
  ...[
    'host',
    'origin',
    'cookie',
    'x-http-method-override',
    'x-original-url',
    'x-goog-request-reason',
  ],
  ...['x-serverless-authorization', 'x-goog-iap-jwt-assertion', 'x-cloud-trace-context', 'range'],
  ...['ce-id', 'ce-type', '__proto__', 'constructor', 'x-cloudtasks-queuename', 'content-length'],
];
const VALUES = [
  ...[
    '',
    'identity',
    'gzip',
    'br',
    'Identity',
    'identity, gzip',
    'chunked',
    '127.0.0.1',
    '-1',
    '0',
  ],
  ...['evil.example', '"><script>', '$(id)', '../../etc/passwd', 'DELETE', '/json-0'],
  ...[`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`],
  ...['a'.repeat(4_000), 'é', '\u00ff', 'Bearer x', 'Bearer a.b.SIGNATURE_REMOVED_BY_GOOGLE'],
];

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'post', 'QUERY'];
/** `$` stands for the caller's own route; none of these leads there but the last. */
const PATHS = [
  ...['/', '//', '/..', '/$/', '/$/..', '//$', '/./$', '/../$', '/%2e/$', '$', '/$#x', '/$;a=b'],
  ...[
    '/$%00',
    '/$%2f',
    '/$%20',
    '/x/../$',
    '/__proto__',
    '/constructor',
    '/toString',
    '*',
    '/?a=b',
  ],
  ...['http://x.example', `/${'a'.repeat(4_000)}`, 'http://x.example/$'],
];
const OTHER_WRITINGS: readonly ((route: string) => string)[] = [
  (route) => route.toUpperCase(),
  (route) => `%${route.charCodeAt(0).toString(16)}${route.slice(1)}`,
  (route) => `${route.slice(0, -1)}${encodeURIComponent('／')}`,
];

const elsewhere = fc.oneof(
  fc.constantFrom(...PATHS).map((path) => (route: string) => path.replace('$', route)),
  fc.constantFrom(...OTHER_WRITINGS).map((write) => (route: string) => `/${write(route)}`),
);

/** The credentials stay what they were; whatever comes of it, it must be one of the declared answers. */
export const requestTransforms: fc.Arbitrary<RequestTransform> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...MEDIA_TYPES).map((type) => headers({ 'content-type': type })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES))
      .map(([name, value]) => headers({ [name]: value })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...METHODS).map(
      (method): RequestTransform =>
        (asked) => ({ ...asked, method }),
    ),
  },
  {
    weight: 2,
    arbitrary: elsewhere.map(
      (path): RequestTransform =>
        (asked) => {
          const [route = '', query] = asked.target.slice(1).split('?');
          return { ...asked, target: path(route) + (query === undefined ? '' : `?${query}`) };
        },
    ),
  },
);
