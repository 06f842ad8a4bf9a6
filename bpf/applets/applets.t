#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# applets tells what busybox runs.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh

# await PATTERN - in what the program prints
await()
{
	until grep -q "$1" /run/applets.log; do
		usleep 20000
	done
}

bpf-again run /usr/bin/applets >said
status=$?
if grep -q 'has no symbols' said; then
	echo '1..0 # SKIP this busybox has no symbols'
	exit
fi
result $status 'it is attached'
pid=$(sh -c 'echo $$; exec /usr/bin/seq 3 >/dev/null')
await "^pid=$pid "
grep -qx "pid=$pid name=seq word=3" /run/applets.log
result $? 'a program of busybox is seen, with its first word'
finish
