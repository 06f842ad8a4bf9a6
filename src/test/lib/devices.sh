# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# Machines with devices, for tests that use each in the guest, in $lab.  A test whose
# driver the kernel lacks is left out: `make check` has this lab's kernel, or that of
# roots.t if it is there and $plain is not set, `make check-devices` one with all of them.
# Comes after tap.sh.

# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
PATH=$PATH:/usr/sbin:/sbin
[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'
grep -qx CONFIG_ROOTFS_INITRAMFS=y "$LAB/include/config/auto.conf" || skip_all 'its root is not in the initramfs'

# The machine is another lab, of the same files.
kernel=$LAB/linux
[ -n "${plain-}" ] || [ ! -e "$LAB/check/roots/$(processor kernel)" ] || kernel=$LAB/check/roots/linux
lab=$tmp/lab
mkdir -p "$lab"/{vm,include/config}
ln -s "$kernel" "$lab/linux"
ln -s "$LAB/rootfs" "$lab/rootfs"
ln -s "$LAB/host" "$lab/host"
cp "$LAB"/vm/{splats,allowed,decode,devices,processor} "$lab/vm/"

# needs OPTION... - without them in the kernel there is nothing to test
needs()
{
	has "$@" || skip_all "this kernel lacks one of $*"
}

# has OPTION... - in the kernel
has()
{
	local option

	for option; do
		grep -qx "CONFIG_$option=y" "$kernel/build/.config" || return
	done
}

# compile FILE SOURCE - a program of the guest
compile()
{
	local cross

	cross=$(processor cross)
	if [ -n "$cross" ]; then
		"${cross}gcc" -specs "$LAB/musl/root/lib/musl-gcc.specs" -static -O2 -Wall -o "$1" "$2"
	else
		musl-gcc -static -O2 -Wall -o "$1" "$2"
	fi
}

# kbuild FOLDER - builds the modules that are there; what it said is in $tmp/log
kbuild()
{
	local words=()

	[ -z "$(processor cross)" ] || words=(ARCH="$(processor kbuild)" CROSS_COMPILE="$(processor cross)")
	make -C "$kernel/build" "${words[@]}" M="$1" modules >"$tmp/log" 2>&1
}

# kind_of BUS - prints the option of the lab's first machine with that bus
kind_of()
{
	sed -n "s/^processor_machine_\([A-Z0-9_]*\) := $1 .*/\1/p" "$LAB/vm/processor" | sed q
}

# machine LINE... - a machine with these lines in its configuration: one without PCI, as
# microvm, if the kernel has what that needs, or q35 or its like if the first line says so
machine()
{
	local kind memory=256

	kind=$(kind_of device)
	! has KASAN || memory=768
	has VIRTIO_MMIO || kind=$(kind_of pci)
	if [ "${1-}" = q35 ]; then
		kind=$(kind_of pci)
		shift
	fi
	printf 'CONFIG_%s\n' "$kind=y" VM_ACCEL_TCG=y VM_CPUS=1 VM_MEMORY=$memory VM_NET=y VM_RNG=y VM_STATES=0 \
		VM_BOOT_TIMEOUT=$limit VM_QEMU= ROOTFS_INITRAMFS=y "$@" >"$lab/include/config/auto.conf"
	recipes/vm/disks "$lab/include/config/auto.conf" "$lab/vm/disks"
}

# Seconds for what hangs.  A kernel that checks each access needs ten times as long.
limit=120
! has KASAN || limit=1200

vm()
{
	timeout -k 1 $((limit + 30)) "$LAB/host/vm" -O "$lab" "$@"
}

# own_root [LINE...] - the lab's root, and these lines of gen_init_cpio's: archives that
# are behind each other are unpacked in this order
own_root()
{
	[ ! -L "$lab/rootfs" ] || rm "$lab/rootfs"
	mkdir -p "$lab/rootfs"
	printf '%s\n' "$@" >"$tmp/list"
	"$LAB/rootfs/gen_init_cpio" -t 0 "$tmp/list" >"$tmp/more.cpio"
	cat "$LAB/rootfs/initramfs.cpio" "$tmp/more.cpio" >"$lab/rootfs/initramfs.cpio"
}

# guest COMMAND - prints what it says in a machine of its own
guest()
{
	vm -t 120 run -- sh -c "$1" 2>"$tmp/said" </dev/null || {
		local status=$?

		sed 's/^/# /' "$tmp/said" >&2
		return $status
	}
}

# until_true COMMAND... - some minutes at most, on a busy machine
until_true()
{
	local i

	for ((i = 0; i < 1200; i++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

outcome()
{
	sed -n 's/^  "outcome": "\(.*\)",/\1/p' "$lab/vm/last/result.json"
}

qemu_pid()
{
	{ vm -w "$lab/vm/last" status; vm status; } 2>/dev/null | awk '$1 == "qemu_pid" { print $2; exit }'
}
