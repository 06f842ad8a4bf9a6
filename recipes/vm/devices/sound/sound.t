#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the guest plays is in a file of the host.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_PCI SND_HDA_INTEL
machine q35 VM_SOUND=y
is 'a sound card is there' "$(guest 'head -c 64000 /dev/urandom >/dev/dsp; grep -c HDA-Intel /proc/asound/cards')" 1
ok '... and what is played is on the host' [ "$(tr -d '\0' <"$lab/vm/last/sound.wav" | wc -c)" -gt 1000 ]
finish
