#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver that lies meets the device in a QEMU that looks for its own bugs.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

qemu=$LAB/qemu/qemu-system-x86_64
grep -qsx CONFIG_QEMU_SANITIZERS=y "$LAB/.config" || skip_all 'the QEMU of this lab does not look for bugs'
# The lab stands beside the programs of tests.
ring=${LAB%/*}/ring

# Which it survives otherwise
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
ok 'it was built so' grep -q __asan_init "$qemu"
ok 'a driver that lies is answered, and ends nothing' "$ring" "$qemu"
ok '... whatever it thinks of' "$ring" "$qemu" "${FUZZ:-10}" "${SEED:-$RANDOM}"
finish
