#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# execs tells of programs that are started.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh

# await PATTERN - in what the program prints
await()
{
	until grep -q "$1" /run/execs.log; do
		usleep 20000
	done
}

bpf-again run /usr/bin/execs >/dev/null
result $? 'it is attached'
pid=$(sh -c 'echo $$; exec /bin/date >/dev/null')
await "^pid=$pid "
result 0 'a program is seen'
grep -qx "pid=$pid parent=$$ file=/bin/date" /run/execs.log
result $? '... with its parent and its file'
bpf-again stop /usr/bin/execs | grep -q '^execs (process [0-9]*) was ended$'
result $? 'it ends when it is told to'
finish
