#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hello greets, in the kernel's log and in its file.  Runs in the guest.

greeting=/sys/kernel/debug/hello/greeting

# result STATUS PROMISE
n=0
result()
{
	n=$((n + 1))
	[ "$1" = 0 ] || printf 'not '
	echo "ok $n - $2"
}

grep -q ' /sys/kernel/debug ' /proc/mounts || mount -t debugfs none /sys/kernel/debug

modprobe hello who=tester
result $? 'it loads'
dmesg | grep -q 'hello: Hello, tester!'
result $? 'it greets whom it is told to greet'
[ "$(cat $greeting)" = 'Hello, tester!' ]
result $? 'its file says the same'
rmmod hello
result $? 'it unloads'
[ ! -e $greeting ]
result $? 'with its file'
echo "1..$n"
