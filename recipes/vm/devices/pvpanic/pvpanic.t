#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's words do not reach anybody, and its panic does.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_PCI PVPANIC_PCI MAGIC_SYSRQ
machine q35 VM_PVPANIC=y
vm -t 120 run -- sh -c "echo N >/sys/class/tty/$(processor console)/console;"' echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger' 2>"$tmp/said"
is 'a panic is told by the device alone' "$? $(outcome)" '255 panicked'
is '... for the console knows nothing of it' "$(grep -c 'Kernel panic' "$lab/vm/last/console.log")" 0
finish
