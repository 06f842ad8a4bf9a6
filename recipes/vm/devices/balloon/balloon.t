#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that the guest frees, or must give, comes back to the host.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_BALLOON

rss()
{
	awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$(qemu_pid)/status"
}

# less THAN - is the resident memory that small?
less()
{
	after=$(rss)
	[ "$after" -lt "$1" ]
}

after=
machine VM_BALLOON=y
vm start
vm exec -- sh -c 'mkdir /big && mount -t tmpfs -o size=90% big /big &&
	dd if=/dev/urandom of=/big/big bs=1M count=120' 2>"$tmp/ignored"
before=$(rss)
vm exec -- rm /big/big
until_true less $((before - 80))
ok "memory that the guest frees comes back ($before MiB, then $after)" [ "$after" -lt $((before - 80)) ]
vm monitor 'balloon 100' >"$tmp/ignored"
small() { vm monitor 'info balloon' | grep -q 'actual=100'; }
ok 'and on demand' until_true small
ok 'the guest has less then' [ "$(vm exec -- awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" -lt 100 ]
vm stop
finish
