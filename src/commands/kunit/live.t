#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Suites of a real kernel: each has the verdict that the kernel's own kunit.py has of the same
# log, one that provokes an oops fails nothing, and cases that are slow run by choice.
#
# Needs: lab behind alone

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

if [ ! -e "$LAB/linux/build/lib/kunit/kunit-test.ko" ]; then
	# shellcheck source=src/test/lib/behind.sh
	. src/test/lib/behind.sh
fi

unset "${!KILN_@}"
o=$tmp/o
view_lab "$o"

# kunit WORD... - sets $status; what it printed is in $tmp/said
kunit()
{
	env "$@" timeout 600 src/commands/kunit/kunit "$o" 2 >"$tmp/said" 2>"$tmp/error"
	status=$?
	sed 's/^/# /' "$tmp/said" "$tmp/error"
}

# verdicts - prints each suite of the last run and the status that kunit.py has for such a verdict
verdicts()
{
	perl -MJSON::PP -ne '$_ = decode_json($_); print "$_->{test} ", $_->{verdict} eq "passed" ? 0 : 1, "\n"' \
		"$o/kunit/lines" | sort
}

# It wants to be started in the kernel's source.
theirs()
{
	local folder ended

	for folder in "$o"/kunit/*/; do
		ended=0
		(cd "$LINUX" && PYTHONDONTWRITEBYTECODE=1 python3 tools/testing/kunit/kunit.py parse "$folder/log") \
			>"$tmp/theirs" 2>&1 || ended=1
		echo "$(basename "$folder") $ended"
	done | sort
}

names='list_sort lib_sort list-kunit-test hashtable cmdline bits-test overflow string example time_test_cases'
kunit KILN_SUITES="$names" KILN_APART=1
is 'ten suites, each in a machine of its own' "$status $(grep -c . "$o/kunit/lines")" '0 10'
if command -v python3 >/dev/null; then
	is '... with the verdicts of kunit.py' "$(verdicts)" "$(theirs)"
fi
ok '... without what is slow' grep -q 'cases left out' "$tmp/said"
is '... and each has what it took' "$(perl -MJSON::PP -ne 'print decode_json($_)->{seconds} > 0 ? 1 : 0' "$o/kunit/lines")" 1111111111

kunit KILN_SUITES='kunit_fault kunit_platform_device example'
is 'an oops that is meant fails nothing' "$status $(grep -c '^passed' "$tmp/said")" '0 3'
ok '... and is told' grep -q 'NULL pointer' "$o/kunit/lines"
is '... and the suite behind it has a machine of its own' "$(cd "$o/kunit" && echo */)" 'kunit_platform_device/ together/'
finish
