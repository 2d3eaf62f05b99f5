/** What of google-auth-library is needed: a file of its own in the build, for it is seldom loaded. */

export { GoogleAuth } from 'google-auth-library';
