#!/usr/bin/env bash
# Installs Alertmanager's amtool, with which the guide's configuration is checked. Without it that test is skipped.
set -uo pipefail

if command -v amtool; then exit; fi
echo 'amtool is not installed: installing prometheus-alertmanager …'
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus-alertmanager ||
  echo 'This is not possible: the test of the Alertmanager guide is skipped.'
