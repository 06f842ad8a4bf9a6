# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # tap.sh sets tmp; who sources this reads LAB
#
# For tests that need more of a kernel than the default lab's has: $LAB becomes the lab that roots.t
# has left, with its kernel, and busybox in an initramfs.  Comes after tap.sh.

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
LAB=$LAB/check/roots
[ -e "$LAB/linux/vmlinux.stripped" ] || skip_all 'roots.t has built no kernel'
{
	grep '^CONFIG_LINUX_' "$LAB/.config"
	printf 'CONFIG_%s\n' ROOTFS_INITRAMFS=y VM_ACCEL_TCG=y VM_CPUS=2 VM_MEMORY=512 VM_STATES=0
} >"$tmp/asked"
ok 'a lab with the kernel of roots.t' make -s O="$LAB" DL="$DL" defconfig FRAGMENTS="$tmp/asked"
ok '... is made' make -s O="$LAB" DL="$DL"
