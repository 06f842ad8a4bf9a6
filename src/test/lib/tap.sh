# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for tests in bash, with a folder of their own in $tmp:
#
#	. src/test/lib/tap.sh
#	is 'what the user would lose' "$got" "$expected"
#	ok 'what the user would lose' command that succeeds
#	finish

tests=0
failures=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# result STATUS PROMISE
result()
{
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
	fi
}

# is PROMISE GOT EXPECTED
is()
{
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1"
		printf 'got:\n%s\nexpected:\n%s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

# ok PROMISE COMMAND... - what the command says is shown when it fails
ok()
{
	local promise=$1 output

	shift
	if output=$("$@" 2>&1); then
		result 0 "$promise"
	else
		result 1 "$promise"
		printf '%s\n%s\n' "failed: $*" "$output" | sed 's/^/# /'
	fi
}

# skip_all REASON
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

finish()
{
	echo "1..$tests"
	exit $((failures > 0))
}
