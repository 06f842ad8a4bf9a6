#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The modules' own tests, on a kernel that looks for wrong accesses, wrong locking and
# lost memory while they run.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for option in KASAN PROVE_LOCKING DEBUG_ATOMIC_SLEEP DEBUG_KMEMLEAK; do
	grep -qsx "CONFIG_$option=y" "$LAB/linux/build/.config" || skip_all "this kernel lacks $option"
done

export KILN_TIMEOUT=3000 # such a kernel is slow

for file in kmod/*/*.t; do
	name=$(basename "$file" .t)
	ok "$name passes, and the kernel finds nothing" src/commands/test/test "$LAB" 1 "$name"
	[ ! -e "$LAB/test/$name/tap" ] || is "... and $name skips nothing" "$(grep '# SKIP' "$LAB/test/$name/tap")" ''
done
finish
