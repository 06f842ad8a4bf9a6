#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hello greets, in the kernel's log and in its file.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
greeting=/sys/kernel/debug/hello/greeting

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
finish
