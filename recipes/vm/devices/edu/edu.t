#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver for edu, built and used.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_PCI MODULES
cp -r kmod/edu "$tmp/edu"
kbuild "$tmp/edu" || {
	sed 's/^/# /' "$tmp/log"
	result 1 'the driver of edu can be built'
	finish
}
machine q35 VM_EDU=y
is 'edu computes a factorial, and interrupts' \
	"$(vm -t 120 run -- sh -c 'cat >/tmp/edu.ko; insmod /tmp/edu.ko; cd /sys/kernel/debug/edu; echo 5 >factorial && cat factorial; dmesg | grep -o "edu.*version.*"' \
		<"$tmp/edu/edu.ko" 2>"$tmp/said" | sed 's/edu [0-9:.]*:/edu:/')" \
	$'120\nedu: version 0x10000ed'
finish
