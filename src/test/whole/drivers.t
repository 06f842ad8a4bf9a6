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

# shellcheck source=src/test/lib/behind.sh
. src/test/lib/behind.sh
run=src/commands/test/test

# passes NAME - its test, and prints what it left out
passes()
{
	"$run" "$LAB" 1 "$1" >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
	grep '# SKIP' "$LAB/test/$1/tap" >>"$tmp/skipped"
	true
}

for file in kmod/*/*.t bpf/*/*.t; do
	name=$(basename "$file" .t)
	ok "$name passes" passes "$name"
done
is 'what no test of this lab sees is the device, which kiln.t tests' "$(grep -v kiln "$tmp/skipped")" ''
finish
