#!/bin/sh
# Becomes one of the runtimes that npm installed: `sh tools/runtimes.sh node24 --version`, `sh tools/runtimes.sh deno fmt`.
# Node itself says where it lies: `sh tools/runtimes.sh node24 -p process.execPath`.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
runtime=$1
shift

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "Cannot run $runtime: only x86_64 and aarch64 have one, this is $(uname -m)" >&2; exit 1 ;;
esac

case $runtime in
  deno) binary=$root/node_modules/@deno/linux-$arch-glibc/deno ;;
  node20 | node22 | node24 | node26) binary=$root/node_modules/$runtime-$arch/bin/node ;;
  *) echo "Cannot run $runtime: runtimes are deno, node20, node22, node24 and node26" >&2; exit 1 ;;
esac
if [ ! -x "$binary" ]; then
  echo "Cannot run $runtime: $binary is missing, run npm ci" >&2
  exit 1
fi
exec "$binary" "$@"
