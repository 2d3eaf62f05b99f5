#!/usr/bin/env bash
# Sees to it that there is a browser for the tests: Debian's chromium, where none is installed.
set -euo pipefail

if command -v chromium chromium-browser google-chrome; then exit; fi
echo 'No browser is installed: installing chromium …'
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
