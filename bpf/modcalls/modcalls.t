#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# modcalls tells who calls functions of modules.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh

# await PATTERN - in what the program prints
await()
{
	until grep -q "$1" /run/modcalls.log; do
		usleep 20000
	done
}

grep -q ' /sys/kernel/debug ' /proc/mounts || mount -t debugfs none /sys/kernel/debug

modcalls 2>&1 | grep -q 'neither hello nor virtio_kiln is loaded'
result $? 'without a module it says so'

modprobe hello
bpf-again run /usr/bin/modcalls >/dev/null
result $? 'with one of two it is attached'
pid=$(sh -c 'echo $$; exec cat /sys/kernel/debug/hello/greeting >/dev/null')
await "pid=$pid "
grep -qE "^function=greeting_show pid=$pid comm=cat ns=[0-9]+\$" /run/modcalls.log
result $? 'a call is seen: of which function, by whom, how long'

! rmmod hello 2>/dev/null
result $? 'the module stays while something is attached'
bpf-again stop hello | grep -q '^modcalls '
result $? 'what is attached is found, and ended'
rmmod hello
result $? '... and then the module goes'
finish
