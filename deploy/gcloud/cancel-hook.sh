#!/usr/bin/env bash
# Deploys cancel-hook with gcloud alone, or removes it: see --help. The script itself is cli.ts beside this file.
# This installs the locked dependencies where they are missing, and runs it under the Node that the lockfile pins.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
node --input-type=module --eval "(await import('$root/test/install.mjs')).install()"
exec "$root/node_modules/node/bin/node" "$root/deploy/gcloud/main.ts" "$@"
