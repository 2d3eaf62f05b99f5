/** The bare framework: no check, no call upstream. */
import { http } from '@google-cloud/functions-framework';

http('peer', (_request, response) => {
  response.json({});
});
