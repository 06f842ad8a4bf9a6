#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A root by Buildroot, with a stand-in for its tree: a makefile that takes what
# Buildroot's own make takes.
#
# shellcheck disable=SC2016,SC2317 # make expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

tree=$tmp/tree
obj=$tmp/obj
mkdir -p "$tree/configs"
echo 'BR2_x86_64=y' >"$tree/configs/some_defconfig"

# Kconfig's part: it knows these symbols, and BR2_NEEDS only with BR2_x86_64.
cat >"$tree/Makefile" <<'END'
some_defconfig:
	mkdir -p $(O)
	cp configs/$@ $(O)/.config
olddefconfig:
	grep -E 'BR2_(x86_64|TARGET_[A-Z0-9_]*|NEEDS|LINUX_KERNEL)[ =]' $(O)/.config >$(O)/.config.new
	grep -q '^BR2_x86_64=y' $(O)/.config || sed -i /BR2_NEEDS/d $(O)/.config.new
	mv $(O)/.config.new $(O)/.config
END

# configure DEFCONFIG FRAGMENT... - what is said
configure()
{
	echo "CONFIG_BUILDROOT_DEFCONFIG=$1" >"$tmp/auto.conf"
	recipes/buildroot/configure "$tmp/auto.conf" "$obj" "${@:2}" -- \
		make -s --no-print-directory -C "$tree" O="$obj" 2>&1 | grep -v '^make'
}

printf '%s\n' 'BR2_NEEDS=y' '# a comment' '# BR2_OTHER is not set' >"$tmp/good"
is 'a defconfig and fragments' "$(configure some_defconfig recipes/buildroot/ext2.config "$tmp/good")" ''
is 'are in the configuration' "$(sort "$obj/.config" | paste -sd' ')" \
	'# BR2_LINUX_KERNEL is not set BR2_NEEDS=y BR2_TARGET_ROOTFS_EXT2=y BR2_x86_64=y'
echo 'BR2_ODD=y' >"$tmp/bad"
is 'a line that does not hold is told' "$(configure some_defconfig "$tmp/good" "$tmp/bad")" \
	"buildroot: $tmp/bad: BR2_ODD=y does not hold in this Buildroot: it is unknown there, or what it depends on is off"
is 'a defconfig that is not there, too' "$(configure no_defconfig "$tmp/good")" \
	'buildroot: this Buildroot has no no_defconfig: choose another one in the menu (BUILDROOT_DEFCONFIG)'
is 'what is no defconfig, too' "$(configure 'all; rm' "$tmp/good")" \
	'buildroot: CONFIG_BUILDROOT_DEFCONFIG is "all; rm", which is no defconfig'

finish
