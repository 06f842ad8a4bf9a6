#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vqlat measures how long devices keep buffers.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh

vqlat 2>/dev/null -1
[ $? = 1 ]
result $? 'nonsense is refused'
if [ -e /dev/hwrng ]; then
	bpf-again run /usr/bin/vqlat >/dev/null
	result $? 'it is attached'
	dd if=/dev/hwrng of=/dev/null bs=16 count=400 2>/dev/null
	bpf-again stop /usr/bin/vqlat >/dev/null
	sed 's/^/# /' /run/vqlat.log
	# The queue of the random number generator is its only one.
	rng=$(basename /sys/bus/virtio/drivers/virtio_rng/virtio*)
	[ "$(awk -v rng="$rng" '/^virtio/ { mine = $1 == rng } mine && NF > 3 { n += $4 } END { print n + 0 }' \
		/run/vqlat.log)" -ge 10 ]
	result $? 'ten buffers of the random number generator are counted, at least'
else
	skip 'this machine has no random number generator'
fi
finish
