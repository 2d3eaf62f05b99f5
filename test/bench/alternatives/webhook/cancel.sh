#!/bin/sh
# What webhook runs for each request; the token is handed to it, which spares it a second curl.
exec curl --silent --show-error --fail --max-time 10 --request POST \
  --header "Authorization: Bearer $ALTERNATIVE_ACCESS_TOKEN" "$ALTERNATIVE_UPSTREAM/v1/$1:cancel"
