#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs of kselftest on a real kernel: ten tests that were built for it run, each in a machine
# of its own.
#
# Needs: lab behind alone

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

if ! grep -qsx CONFIG_LINUX_KSELFTEST=y "$LAB/.config"; then
	# shellcheck source=src/test/lib/behind.sh
	. src/test/lib/behind.sh
fi

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK "${!KILN_@}"
o=$tmp/o
view_lab "$o"
targets=(clone3 filelock membarrier mincore rlimits sigaltstack size splice)
mkdir -p "$o/kselftest"
ok 'its options are in the kernel' src/commands/kselftest/build check "$LINUX" "$LAB/linux/build" "${targets[@]}"
mkdir "$tmp/obj"
ok 'its headers are made' make -s -C "$LINUX" O="$tmp/obj" headers
find "$LINUX/tools/testing/selftests" -printf '%p %T@\n' >"$tmp/before"
src/commands/kselftest/build make "$LINUX" "$tmp/obj" "$o/kselftest" 'gcc -static' "${targets[@]}" -- \
	>"$o/kselftest/build.log" 2>&1
is 'its programs are built' $? 0
ok '... and the source is as it was' diff "$tmp/before" <(find "$LINUX/tools/testing/selftests" -printf '%p %T@\n')

# And one that makes the kernel oops
mkdir "$o/kselftest/install/kiln"
printf '%s\n' '#!/bin/sh' 'modprobe crash how=null' >"$o/kselftest/install/kiln/oopses"
chmod +x "$o/kselftest/install/kiln/oopses"
sed -i '1ikiln:oopses' "$o/kselftest/install/kselftest-list.txt"

timeout 900 src/commands/kselftest/kselftest "$o" 2 >"$tmp/said" 2>"$tmp/error"
status=$?
sed 's/^/# /' "$tmp/said" "$tmp/error"
total=$(grep -c . "$o/kselftest/install/kselftest-list.txt")
is 'each has a verdict' "$(grep -c . "$o/results/kselftest.jsonl")" "$total"
ok "... and there are ten at least: $total" test "$total" -ge 10
is 'those that every kernel passes pass' "$(grep '^passed' "$tmp/said" | grep -oE 'membarrier:.*|rlimits:.*|sigaltstack:.*|size:.*' | sort | paste -sd ' ')" \
	'membarrier:membarrier_test_multi_thread membarrier:membarrier_test_single_thread rlimits:rlimits-per-userns sigaltstack:sas size:get_size'
is 'an oops fails one alone' "$(grep '^splat' "$tmp/said" | tr -s ' ')" 'splat kiln:oopses'
is '... and the status says if all do' "$((status != 0))" \
	"$(perl -MJSON::PP -ne '$n = 1 if decode_json($_)->{verdict} !~ /^(passed|skipped|known)$/; END { print $n + 0 }' \
		"$o/results/kselftest.jsonl")"
finish
