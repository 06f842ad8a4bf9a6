#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine that was started is up when a command finds what it would find a minute
# later; what an overlay's scripts do is in each machine.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

# script FILE LINE... - for the root
script()
{
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$tmp/$1"
}

test_start()
{
	own_root
	machine
	vm start
	is 'a command at once finds all that init mounts' "$(vm exec -- sh -c 'cut -d " " -f 2 /proc/mounts | sort; hostname')" \
		$'/\n/dev\n/dev/pts\n/dev/shm\n/proc\n/sys\n/sys/kernel/debug\nkiln'
	vm stop
}

test_script()
{
	script slow 'sleep 1' 'echo "$1 by $0" >/tmp/slow'
	own_root "file /etc/init.d/S50slow $tmp/slow 755 0 0" "file /etc/init.d/S60no $tmp/slow 644 0 0"
	machine VM_STATES=1
	vm start
	is 'what a script of the root does is there, too' "$(vm exec -- cat /tmp/slow)" 'start by /etc/init.d/S50slow'
	vm stop
	is '... and in a machine for a command' "$(guest 'cat /tmp/slow')" \
		'start by /etc/init.d/S50slow'
	is '... and in one that goes on' "$(guest 'cat /tmp/slow')$(sed -n 's/^  "start": "\(.*\)",/ \1/p' "$lab/vm/last/result.json")" \
		'start by /etc/init.d/S50slow state'
	# The same is asked for by whoever comes before the machine is up.
	vm start &
	until_true vm get /tmp/slow "$tmp/got" 2>"$tmp/ignored"
	is '... for a file that is got while it boots' "$(<"$tmp/got")" 'start by /etc/init.d/S50slow'
	wait $!
	vm stop
}

test_never()
{
	script never 'while :; do sleep 1000; done'
	own_root "file /etc/init.d/S50never $tmp/never 755 0 0"
	machine VM_APPEND=KILN_SETTLE=1
	vm start 2>"$tmp/said"
	is 'an init that does not come to an end holds nobody up' "$? $(vm exec -- echo here)" '0 here'
	ok '... but is told' grep -q "the root's init has not done its set-up: Operation timed out" "$tmp/said"
	vm stop
}

test_foreign()
{
	script own 'while :; do sleep 1000; done'
	own_root "file /sbin/own $tmp/own 755 0 0"
	machine VM_APPEND=KILN_INIT=/sbin/own
	vm start
	is 'an init that mounts nothing is not waited for' \
		"$(vm exec -- sh -c 'cat /proc/1/comm; ls -d /sys/kernel /dev/null /dev/pts/ptmx; [ -w /dev/shm ] && echo yes')" \
		$'own\n/dev/null\n/dev/pts/ptmx\n/sys/kernel\nyes'
	vm stop
}

# A root of the user's, whose init a command does without, or not
test_always()
{
	script slow 'sleep 1' 'echo it runs >/tmp/slow'
	own_root "file /etc/init.d/S50slow $tmp/slow 755 0 0" 'dir /kiln 755 0 0' "file /kiln/init $LAB/guest/init 755 0 0"
	machine ROOTFS_IS_CPIO=y ROOTFS_INIT=/sbin/init VM_STATES=1
	is "a command does without the root's init" "$(guest 'readlink /proc/1/exe; cat /tmp/slow 2>&1')" \
		$'/kiln/init\ncat: can\'t open \'/tmp/slow\': No such file or directory'
	machine ROOTFS_IS_CPIO=y ROOTFS_INIT=/sbin/init ROOTFS_INIT_ALWAYS=y VM_STATES=1
	is '... or waits for it, by choice' "$(guest 'readlink /proc/1/exe; cat /tmp/slow')" $'/bin/busybox\nit runs'
	is '... and is booted each time' "$(guest true; sed -n 's/^  "start": "\(.*\)",/\1/p' "$lab/vm/last/result.json")" boot
}

test_start
test_script
test_never
test_foreign
test_always
finish
