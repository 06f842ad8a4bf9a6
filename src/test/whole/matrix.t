#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels, compilers and what of these the menu offers: each is built, boots, and
# loads its modules.  This takes hours, so only make check-full does it, in labs
# below check/.  MATRIX='NAME...' are those that are wanted, MATRIX=all all.
#
# Needs: lab full

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

[ -n "${MATRIX-}" ] || skip_all 'make check-full builds other kernels'
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
rows=()
TIMEFORMAT='%0R %0U %0S'

# build LAB CONFIGURATION LINE...
build()
{
	local lab=$1 configuration=$2

	shift 2
	: >"$tmp/asked"
	[ $# = 0 ] || printf 'CONFIG_%s\n' "$@" >"$tmp/asked"
	make O="$lab" DL="$DL" "$configuration" FRAGMENTS="$tmp/asked" && make O="$lab" DL="$DL"
}

# try NAME CONFIGURATION LINE... - builds that lab, boots it, and loads modules
try()
{
	local name=$1 lab=$LAB/check/$1 wall user system booted said

	[[ $MATRIX == all || " $MATRIX " == *" $name "* ]] || return 0
	shift
	rm -f "$lab/run"
	{ time ok "$name is built" build "$lab" "$@"; } 2>"$tmp/time"
	read -r wall user system <"$tmp/time"
	if [ ! -e "$lab/run" ]; then
		rows+=("$name|not built")
		return
	fi

	# shellcheck disable=SC2016 # the guest's
	said=$(timeout 300 "$lab/run" -- sh -c 'modprobe hello who=$0 && cat /sys/kernel/debug/hello/greeting &&
		rmmod hello && cat /proc/version' "$name" 2>"$tmp/errors")
	is "$name boots, and a module greets" "$?-$(sed q <<<"$said")" "0-Hello, $name!"
	[ ! -s "$tmp/errors" ] || sed 's/^/# /' "$tmp/errors"
	booted=$(sed -nE 's/^ *"boot_seconds": ([0-9.]+),/\1/p' "$lab/vm/last/result.json")
	if grep -qx CONFIG_LINUX_RUST=y "$lab/.config"; then
		ok "$name has modules in Rust" env LAB="$lab" recipes/modules/rust.t
	fi
	rows+=("$name|$wall|$((user + system))|$booted|$(find "$lab/modules/root" -name '*.ko' | wc -l)|$(sed -nE \
		'$ s/Linux version ([^ ]*) [^ ]* \((.*), .*/\1|\2/p' <<<"$said")")
}

packaged='LINUX_PACKAGE_NAME="linux-source-'
root=TOOLCHAIN_DEBIAN=y
try 5.10-gcc defconfig "${packaged}5.10\"" LINUX_PACKAGE_SUITE='"bullseye"'
try 6.1-gcc defconfig "${packaged}6.1\"" LINUX_PACKAGE_SUITE='"bookworm"'
try 6.12-gcc defconfig
try 6.12-llvm defconfig LINUX_LLVM=y
try 6.12-llvm-rust rust_defconfig
try 6.12-thin-lto defconfig $root LINUX_LLVM=y LINUX_LTO_THIN=y
try 6.12-kcfi defconfig $root LINUX_LLVM=y LINUX_LLVM_VERSION=19 LINUX_KCFI=y
try 7.2-gcc defconfig "${packaged}7.2\"" LINUX_PACKAGE_SUITE='"sid"'
try 7.2-kcfi defconfig "${packaged}7.2\"" LINUX_PACKAGE_SUITE='"sid"' $root LINUX_LLVM=y LINUX_KCFI=y
try 7.2-llvm-rust rust_defconfig "${packaged}7.2\"" LINUX_PACKAGE_SUITE='"sid"'

printf '%s\n' 'lab|build s|CPU s|boot s|modules|kernel|compiler' "${rows[@]}" | column -ts '|' | sed 's/^/# /'
finish
