#!/bin/sh
# What webhook runs for each request; the token is handed to it, which spares it a second curl.
exec curl --silent --show-error --fail --max-time 10 --request POST \
  --header "Authorization: Bearer $PEER_ACCESS_TOKEN" "$PEER_UPSTREAM/v1/$1:cancel"
