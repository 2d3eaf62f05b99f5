/** Google's client of every API there is; it leaves the body's schema to the client. */

const functions = require('@google-cloud/functions-framework');
const { google } = require('googleapis');
const { isAllowed, isAuthenticated, log } = require('../common.js');

const auth = new google.auth.GoogleAuth({
  scopes: 'https://www.googleapis.com/auth/cloud-platform',
});
const privateca = google.privateca({
  version: 'v1',
  auth,
  rootUrl: process.env.ALTERNATIVE_UPSTREAM,
});

functions.http('alternative', async (request, response) => {
  if (!isAuthenticated(request)) return response.sendStatus(401);
  const { name } = request.body;
  if (!isAllowed(name)) return response.sendStatus(403);
  const { data, status } = await privateca.projects.locations.operations.cancel({
    name,
    requestBody: {},
  });
  log(name);
  response.status(status).json(data);
});
