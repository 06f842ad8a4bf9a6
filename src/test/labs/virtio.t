#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/virtio.md is typed in its own lab, make check-virtio, with a stand-in for Buildroot.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

enter_own_lab virtio
play docs/virtio.md#a-device-and-its-driver

# What Buildroot would have made, of the lab's own busybox
tree=$tmp/tree
mkdir -p "$tree"/{bin,dev,etc,lib,proc,root,sbin,sys,tmp}
cp "$(awk '$2 == "/bin/busybox" { print $3 }' "$LAB/rootfs/list")" "$tree/bin/busybox"
for name in cat grep head modprobe mount sh; do
	ln -s busybox "$tree/bin/$name"
done
ln -s ../bin/busybox "$tree/sbin/init"
export BUILDROOT=$tmp/buildroot
cp -r src/test/fake/buildroot "$BUILDROOT"
PATH=$PATH:/sbin mke2fs -q -t ext2 -d "$tree" "$BUILDROOT/disk" 16M >"$tmp/ignored"
(cd "$tree" && find . | cpio -o --quiet -H newc -R 0:0) >"$BUILDROOT/cpio"

cp "$LAB/.config" "$tmp/config"
play docs/virtio.md#an-ext-root-by-buildroot
play docs/virtio.md#a-block-driver
cp "$tmp/config" "$LAB/.config"
finish
