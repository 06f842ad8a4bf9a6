#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the guest draws, seen in pictures of its screen.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs DRM_VIRTIO_GPU

# pixels FILE - how many a ppm has that are not black, and of how many colours
pixels()
{
	perl -e '
		local $/; open my $file, "<:raw", $ARGV[0] or exit 1;
		my ($width, $height, $data) = <$file> =~ /^P6\s+(\d+)\s+(\d+)\s+255\s(.*)/s or exit 1;
		my %seen; $seen{substr $data, 3 * $_, 3}++ for 0 .. $width * $height - 1;
		print $width * $height - ($seen{"\0\0\0"} // 0), " ", scalar keys %seen, "\n";' "$1"
}

machine VM_GPU=y
vm start
vm exec -- sh -c 'printf "\033[2J" >/dev/tty0'
ok 'there is a picture of the screen' vm screenshot "$tmp/empty.ppm"
read -r dark _ < <(pixels "$tmp/empty.ppm")
vm exec -- sh -c 'echo "the guest draws what one can read" >/dev/tty0'
# What is drawn shows a moment later.
has_text() { vm screenshot "$tmp/text.ppm" && [ "$(pixels "$tmp/text.ppm" | cut -d ' ' -f 1)" -gt $((dark + 500)) ]; }
ok 'with the text on it' until_true has_text
vm exec -- sh -c 'head -c 300000 /dev/urandom >/dev/fb0'
has_noise() { vm screenshot "$tmp/noise.ppm" && [ "$(pixels "$tmp/noise.ppm" | cut -d ' ' -f 2)" -gt 1000 ]; }
ok 'and what a program draws' until_true has_noise
vm screenshot "$tmp/noise.png"
is 'or as png' "$(head -c 4 "$tmp/noise.png" | tail -c 3)" PNG
ok 'a screen cannot be written to no folder' test "$(vm screenshot "$tmp/none/x.png" 2>&1)"
vm stop
finish
