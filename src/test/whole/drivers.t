#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests of kmod/ and bpf/ in the guest, on the kernel of roots.t, which has the disks
# and the eBPF that the default lab's has not; its lab is here after roots.t.
#
# Needs: lab behind alone
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$LAB/check/roots
run=src/commands/test/test
[ -e "$o/linux/vmlinux.stripped" ] || skip_all 'roots.t has built no kernel'

# passes NAME - its test, and prints what it left out
passes()
{
	"$run" "$o" 1 "$1" >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
	grep '# SKIP' "$o/test/$1/tap" >>"$tmp/skipped"
	true
}

{
	grep '^CONFIG_LINUX_' "$o/.config"
	printf 'CONFIG_%s\n' ROOTFS_INITRAMFS=y VM_ACCEL_TCG=y VM_CPUS=2 VM_MEMORY=512 VM_STATES=0
} >"$tmp/asked"
ok 'a lab with the kernel of roots.t' make -s O="$o" DL="$DL" defconfig FRAGMENTS="$tmp/asked"
ok '... is made' make -s O="$o" DL="$DL"
for file in kmod/*/*.t bpf/*/*.t; do
	name=$(basename "$file" .t)
	ok "$name passes" passes "$name"
done
is 'what no test of this lab sees is the device, which kiln.t tests' "$(grep -v kiln "$tmp/skipped")" ''
finish
