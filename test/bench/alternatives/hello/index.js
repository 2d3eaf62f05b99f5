/** The framework's own quickstart: no check, no call upstream. */

const functions = require('@google-cloud/functions-framework');

functions.http('alternative', (_request, response) => {
  response.send('Hello, World');
});
