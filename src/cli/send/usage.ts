/** What `cancel-hook send --help` shows. */

import { TYPES } from './settings.ts';

export const usage = `--url URL [--config CONFIG] --caller NAME [OPTION …] [OPERATION]
       cancel-hook send --url URL --type TYPE [OPTION …] [OPERATION]

Sends what the sender of that type would send, properly signed, and shows the answer. Exit code: 0 as
hoped, 1 refused or no answer, 2 asked for in a way that cannot be.

  --url URL               https:, or http: to this machine
  --timeout 60s           for the whole exchange
  --dry-run               prints a curl command in place of sending

Who sends it:
  --config CONFIG --caller NAME   takes type, proof and references to secrets from the configuration,
                          and adds NAME to the URL
  --type TYPE             ${[...TYPES.keys()].join(', ')}
  --auth PROOF            json: bearer, basic, google, standardWebhooks, iam; alertmanager: bearer, basic;
                          cloud-monitoring: basic, token; grafana: hmac, bearer, basic; the first is
                          the default
  --secret REFERENCE      env:NAME or file:/path; a secret is never written on a command line
  --username NAME         for basic
  --header NAME           for hmac, where the signature goes
  --timestamp-header NAME for hmac, where the time goes
  --id-token REFERENCE    for google, iam and google-chat: env:NAME, file:/path, or - (standard input).
                          Only Google can sign one. Without it, google and iam ask Application Default
                          Credentials; for google-chat, one that Google Chat has sent is needed
  --audience AUDIENCE     of the ID token that is asked for; for iam the URL's origin is the default
  --field NAME            alertmanager, grafana: the annotation that names the operation

What it says:
  OPERATION               projects/…/locations/…/operations/…; where the type has a harmless request
                          without one (help, an alert that names nothing), it may be left out
  --reason TEXT           json, pubsub, slack, google-chat
  --wait 20s              json, pubsub
  --validate-only         json, pubsub: checks everything, cancels nothing
  --parent P --older-than 6h [--verb V]… [--target T]… [--limit N]   json, pubsub: a sweep
  --text "status NAME"    slack, google-chat: what follows the slash command
  --button                slack, google-chat: a click on the button Cancel
  --principal ID          slack: TEAM/USER, TEAM/CHANNEL; google-chat: users/…, spaces/…, an email
  --add-on                google-chat: the event of a Workspace add-on
  --body FILE             these bytes, signed as they are`;
