#!/usr/bin/env bash
# Installs amtool, which checks the guide's Alertmanager configuration, and shellcheck. Without them their tests are skipped.
set -uo pipefail

if command -v amtool && command -v shellcheck; then exit; fi
echo 'Installing prometheus-alertmanager and shellcheck …'
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus-alertmanager shellcheck ||
  echo 'This is not possible: the tests that need them are skipped.'
