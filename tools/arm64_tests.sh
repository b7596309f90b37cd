#!/bin/sh
# Runs a static arm64 program in an emulated machine with a kernel of its own: arm64_tests.sh PROGRAM ARGUMENTS...
#
# Emulating only the processor (qemu-user) is not enough: it has no robust lists, by which the kernel vouches for owners.
# The emulation does not reorder memory accesses as real processors do; that is left to the models.
set -eu
program=$1
shift
# From the Debian package debian-installer-12-netboot-arm64.
kernel=/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/linux
tools=$(cd "$(dirname "$0")" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

aarch64-linux-gnu-g++ -std=c++20 -O1 -static -o "$room/init" "$tools/arm64_init.cpp"
aarch64-linux-gnu-strip -o "$room/tests" "$program"
(cd "$room" && printf 'init\ntests\n' | cpio --create --format=newc --quiet >initramfs)

qemu-system-aarch64 -machine virt -cpu cortex-a76 -accel tcg,thread=multi -smp 2 -m 2048 -nic none -nographic -no-reboot \
  -kernel "$kernel" -initrd "$room/initramfs" -append "console=ttyAMA0 quiet panic=-1 -- $*" </dev/null |
  tr -d '\r' | tee "$room/output"
grep -qx 'tests ended with 0' "$room/output"
