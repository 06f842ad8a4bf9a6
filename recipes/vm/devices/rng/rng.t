#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random numbers of the host, read in the guest.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs HW_RANDOM_VIRTIO
machine VM_RNG=y
is 'random numbers come from the host' "$(guest 'cat /sys/class/misc/hw_random/rng_current; head -c 16 /dev/hwrng | wc -c')" \
	$'virtio_rng.0\n16'
finish
