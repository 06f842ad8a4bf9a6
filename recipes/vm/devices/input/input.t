#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A key that is typed on the host.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_INPUT
machine VM_INPUT=y
vm start
vm exec -- sh -c 'for e in /sys/class/input/event*; do
	grep -q Keyboard $e/device/name && dd if=/dev/input/${e##*/} bs=24 count=1 2>/dev/null | od -An -tu2 -j 16 -N 6; done' >"$tmp/keys" &
reader=$!
key() { vm monitor 'sendkey a' >/dev/null; [ -s "$tmp/keys" ]; }
until_true key
wait $reader
# type EV_KEY, code KEY_A, pressed
is 'a key that is typed arrives' "$(tr -s ' ' <"$tmp/keys")" ' 1 30 1'
vm stop
finish
