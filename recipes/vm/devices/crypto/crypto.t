#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The crypto accelerator encrypts.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs CRYPTO_DEV_VIRTIO
machine VM_CRYPTO=y
compile "$tmp/aes" src/test/lib/guest-aes.c || finish
is 'the crypto device computes AES as FIPS-197 has it' \
	"$(vm -t 120 run -- sh -c 'cat >/tmp/aes; chmod +x /tmp/aes; /tmp/aes virtio_crypto_aes_cbc' <"$tmp/aes" 2>"$tmp/said")" \
	69c4e0d86a7b0430d8cdb78070b4c55a
finish
