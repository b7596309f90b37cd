#!/bin/sh
# Builds the addon and the TypeScript, side by side: neither keeps all CPUs busy from its beginning to its end.
# Arguments name projects, such as packages/atomics: these and what they need are built, but no tests. All that is
# published must be among them.
set -eu
cd "$(dirname "$0")/.."
sh tools/build_native.sh &
status=0
"${npm_node_execpath:-node}" node_modules/typescript/bin/tsc -b "$@" &&
  sh tools/runtimes.sh deno run --quiet --allow-all tools/bundle.ts || status=$?
wait $! || status=$?
exit $status
