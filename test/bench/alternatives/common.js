/** What the alternatives on the framework share: authentication, the allowlist, the log line. */

const { timingSafeEqual } = require('node:crypto');

const { ALTERNATIVE_TOKEN = '', ALTERNATIVE_ALLOW = '[]' } = process.env;
const expected = Buffer.from(`Bearer ${ALTERNATIVE_TOKEN}`);
const allowed = JSON.parse(ALTERNATIVE_ALLOW).map(
  (pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`),
);

exports.isAuthenticated = (request) => {
  const given = Buffer.from(request.get('authorization') ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

exports.isAllowed = (name) => allowed.some((pattern) => pattern.test(name));

exports.log = (operation) => {
  console.log(JSON.stringify({ severity: 'INFO', message: 'cancelled', caller: 'ops', operation }));
};
