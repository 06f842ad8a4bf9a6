#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels from elsewhere in real machines: this lab's own in another place, or that of
# its packages; FOREIGN names the output folder of another lab to take it from.  One
# that lacks PCI is refused, and its machine says nothing; the others run commands, and
# have the modules that they are given.  src/vm/foreign/foreign.t has what can fail.
#
# Needs: lab

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

from=${FOREIGN-$LAB}
build=$from/linux/build
[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'
[ -e "$build/.config" ] || skip_all 'no kernel is built in this lab'
if grep -qx CONFIG_ROOTFS_DQIB_KERNEL=y "$LAB/include/config/auto.conf"; then
	skip_all 'the root has a kernel of its own'
fi

lab=$tmp/lab
there=$tmp/there
release=$(<"$build/include/config/kernel.release")

# run ARGUMENT... - sets $status, $tmp/out, $tmp/err
run()
{
	timeout -k 1 100 "$LAB/host/vm" -O "$lab" run "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# said PATTERN
said()
{
	grep -e "$1" "$tmp/err" || { cat "$tmp/err"; return 1; }
}

# says PROMISE EXPECTED ARGUMENT... - its output, in one line, and its status
says()
{
	run "${@:3}"
	is "$1" "$(paste -sd' ' <"$tmp/out") $status" "$2"
	sed 's/^/# /' "$tmp/err"
}

# of_result KEY
of_result()
{
	sed -n "s/^  \"$1\": \"\\?\\([^\",]*\\).*/\\1/p" "$lab/vm/last/result.json"
}

# Sets $kernel and $modules, as a package has them, or whoever copies both.
fetch_kernel()
{
	local packages=("$from"/deb/linux-image-"$release"_*.deb) file

	modules=$there
	kernel=$there/boot/vmlinuz-$release
	mkdir -p "$there/boot"
	if [ -e "${packages[0]}" ]; then
		dpkg-deb -x "${packages[0]}" "$there"
		[ ! -d "$there/lib/modules" ] || depmod -b "$there" "$release"
		return
	fi
	for file in "$build/arch/x86/boot/bzImage" "$from/linux/vmlinux.stripped"; do
		[ -e "$file" ] || continue
		cp "$file" "$kernel"
		break
	done
	cp "$build/.config" "$there/boot/config-$release"
	[ ! -d "$from/modules/root/lib" ] || cp -R "$from/modules/root/lib" "$there/"
}

is_built_in()
{
	grep -qx "CONFIG_$1=y" "$config"
}

# What refuses does so by the configuration beside it, unless the kernel has its own.
test_refused()
{
	is_built_in IKCONFIG && return
	sed -i.was '/CONFIG_VIRTIO_PCI[= ]/d' "$config"
	echo CONFIG_VIRTIO_PCI=m >>"$config"
	run --kernel "$kernel" -- true
	is 'virtio as a module: it is not started' "$status" 125
	ok '... and the module is named' said "CONFIG_VIRTIO_PCI=m.*, as $config says"
	ok '... as is nothing that it has' [ "$(grep -c VIRTIO_CONSOLE "$tmp/err")" = 0 ]
	mv "$config.was" "$config"
}

# A kernel that nobody knows and that cannot answer
test_mute()
{
	run --kernel "$kernel" -- true
	is 'without PCI it is not started' "$status" 125
	ok '... and the option is named' said 'CONFIG_PCI=n, CONFIG_VIRTIO_PCI=n'
	is_built_in IKCONFIG && return
	mv "$config" "$config.was"
	run --kernel "$kernel" --timeout 5 -- true
	is 'unknown, it runs into the time limit' "$status $(of_result outcome)" '124 timed-out'
	ok '... with all that it may lack' said 'must have built in: .*CONFIG_PCI, CONFIG_VIRTIO_PCI'
	ok '... though it booted on a q35' grep -q 'Linux version' "$lab/vm/last/console.log"
	mv "$config.was" "$config"
}

# In a lab whose kernel is the same the modules would even fit.
test_runs()
{
	# shellcheck disable=SC2016 # for the guest
	local ask='uname -r; ls /lib/modules 2>/dev/null | wc -l; [ -e /sys/bus/pci/devices/0000:00:00.0 ] && echo pci; exit 7'

	says 'it runs a command' "$release 0 pci 7" --kernel "$kernel" -- sh -c "$ask"
	is '... in a machine that booted' "$(of_result start)" boot
	is '... with nothing to complain' "$(of_result splats)" '[]'
	says '... a second time as well' "$release 0" --kernel "$kernel" -- uname -r
	is '... which booted, too' "$(of_result start)" boot
	mv "$config" "$config.was"
	says 'it does, too, when nobody knows its configuration' "$release 0" --kernel "$kernel" -- uname -r
	mv "$config.was" "$config"
}

test_modules()
{
	is_built_in 9P_FS && [ -e "$there/lib/modules/$release/modules.dep" ] || return
	says 'its modules are there' "$release hello 0" --kernel "$kernel" --modules "$modules" -- \
		sh -c 'ls /lib/modules; modprobe hello && lsmod | sed -n "s/^\(hello\) .*/\1/p"'
	run --kernel "$kernel" --modules "$modules" -- modprobe crash how=warn
	is 'it complains' "$status $(of_result outcome)" '254 complained'
	is "... without the places that the lab's kernel has there" \
		"$(grep -c '"decoded"' "$lab/vm/last/result.json")" 0
}

view_lab "$lab"
sed -i '/^CONFIG_VM_ACCEL_/d' "$lab/include/config/auto.conf"
echo CONFIG_VM_ACCEL_TCG=y >>"$lab/include/config/auto.conf"
fetch_kernel
config=$there/boot/config-$release
test_refused
if is_built_in VIRTIO_PCI; then
	test_runs
	test_modules
else
	test_mute
fi
finish
