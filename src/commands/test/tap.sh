# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Functions for tests in the guest, in whose folder this file is:
#
#	. ./tap.sh
#	modprobe hello
#	result $? 'it loads'
#	finish

n=0

# result STATUS PROMISE - the promise holds if the status is 0
result()
{
	n=$((n + 1))
	[ "$1" = 0 ] || printf 'not '
	echo "ok $n - $2"
}

# skip REASON - instead of a result
skip()
{
	n=$((n + 1))
	echo "ok $n # SKIP $1"
}

# finish - prints the plan
finish()
{
	echo "1..$n"
}
