#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A watchdog that is fed, and one that is not.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs IB700_WDT
machine VM_WATCHDOG=y VM_APPEND=ib700wdt.timeout=4
is 'a watchdog that is fed does nothing' "$(guest 'exec 3>/dev/watchdog; for i in 1 2 3 4 5 6; do echo >&3; sleep 1; done; echo alive; printf V >&3')" alive
vm -t 120 run -- sh -c 'echo >/dev/watchdog; sleep 100' 2>"$tmp/said"
is 'one that is not ends the run' "$? $(outcome)" '255 watchdog'
ok '... with a sentence' grep -q 'the watchdog expired: no program of the guest fed it in time' "$tmp/said"
finish
