#!/bin/sh
# Builds the addon and lays it where the loader looks, packages/native/prebuilds. Make sees that nothing changed.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build/log
exec 9>build/.lock
flock 9 # two builds at once would write the same objects

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "Cannot build the addon: Lockstep runs on x86_64 and aarch64, this is $(uname -m)" >&2; exit 1 ;;
esac

# The headers come with the Node of the dev dependencies, so that nothing is downloaded. Node-API is the same in all.
"${npm_node_execpath:-node}" node_modules/node-gyp/bin/node-gyp.js configure build --jobs=max \
  --nodedir="$PWD/node_modules/node20-$arch" >build/log/addon.log 2>&1 9>&- || { cat build/log/addon.log >&2; exit 1; }
grep -E 'warning:' build/log/addon.log || true

built=build/Release/lockstep.node
target=packages/native/prebuilds/linux-$arch/lockstep.glibc.node
if [ ! -e "$target" ] || [ "$built" -nt "$target" ]; then
  mkdir -p "$(dirname "$target")"
  strip --strip-unneeded -o "$target.new" "$built"
  mv "$target.new" "$target" # a rename, as running processes may have the old file mapped
fi
