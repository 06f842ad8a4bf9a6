#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels from elsewhere with a fake QEMU: what is refused before it starts, its words,
# what is said when such a kernel does not come up, whose vmlinux decodes its reports.
# recipes/vm/foreign.t starts real ones.
#
# Needs: fakes
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

there="$tmp/it's there"
kernel="$there/vmlinuz"
all=(X86_64 BLK_DEV_INITRD BINFMT_{ELF,SCRIPT} DEVTMPFS PROC_FS SYSFS TMPFS PCI VIRTIO_PCI
	VIRTIO_CONSOLE UNIX98_PTYS SIGNALFD SERIAL_8250_CONSOLE VIRTIO_NET NET_9P_VIRTIO 9P_FS
	OVERLAY_FS MODULES)

# make_kernel KIND [CONFIG] - the file of one, 6.1
make_kernel()
{
	src/test/fake/kernel "$1" 6.1 "${2-}" >"$kernel"
}

# has VALUE OPTION... - a configuration beside it where all is built in, but for these
has()
{
	local text

	text=$(echo '# Linux/x86 6.1 Kernel Configuration' && printf 'CONFIG_%s=y\n' "${all[@]}")
	for option in "${@:2}"; do
		text=$(printf '%s' "$text" | sed "s/CONFIG_$option=y/CONFIG_$option=$1/")
	done
	printf '%s\n' "$text" >"$there/.config"
}

# word OPTION - what follows it in the last command
word()
{
	grep -A 1 -x -e "$1" "$FAKE/argv" | tail -n 1
}

# refuses PROMISE PATTERN ARGUMENT... - before QEMU starts, in one sentence
refuses()
{
	: >"$FAKE/started"
	vm "${@:3}"
	is "$1: 125" "$status" 125
	ok '... and why' said_once "$2"
	ok '... before it starts' [ ! -s "$FAKE/started" ]
}

test_usage()
{
	configure $tcg
	vm --modules "$there" run -- true
	is 'modules of no kernel: usage error' "$status" 2
	ok '... and --kernel is named' said_once '--kernel'
	vm --kernel "$kernel" start
	is 'a machine that is started has the kernel of the lab' "$status" 2
	ok '... as one sentence says' said_once 'only .run. takes another kernel'
}

test_files()
{
	refuses 'no such file' 'vmlinuz: No such file' run -k "$kernel" -- true
	echo text >"$kernel"
	refuses 'a text' 'neither a bzImage nor a vmlinux' run -k "$kernel" -- true
	make_kernel elf
	refuses 'a vmlinux that QEMU cannot start' 'without a PVH entry.*bzImage' run -k "$kernel" -- true
	vm run --print --kernel "$kernel"
	is '... nor print' "$status" 125
}

test_lacks()
{
	make_kernel bzimage
	has n VIRTIO_PCI VIRTIO_CONSOLE DEVTMPFS
	refuses 'it lacks three options' \
		"vmlinuz lacks .*: CONFIG_DEVTMPFS=n, CONFIG_VIRTIO_PCI=n, CONFIG_VIRTIO_CONSOLE=n, as $there/.config says" \
		run -k "$kernel" -- true
	has m VIRTIO_PCI
	mv "$there/.config" "$there/config-6.1"
	refuses 'a module comes too late; a distribution has config-RELEASE' \
		"CONFIG_VIRTIO_PCI=m, as $there/config-6.1 says" run -k "$kernel" -- true
	has y
	make_kernel bzimage "$there/config-6.1"
	refuses 'its own configuration counts more' 'CONFIG_VIRTIO_PCI=m, as its IKCONFIG says' \
		run -k "$kernel" -- true
	make_kernel vmlinux "$there/config-6.1"
	refuses '... of a vmlinux, too' 'CONFIG_VIRTIO_PCI=m, as its IKCONFIG says' run -k "$kernel" -- true
	rm "$there/config-6.1"

	make_kernel bzimage
	has n 9P_FS OVERLAY_FS
	vm run -k "$kernel" -- true
	is 'what this root does not need is not asked for' "$status" 0
	configure $tcg ROOTFS_IS_9P=y ROOTFS_DEBIAN=y ROOTFS_INIT=shell
	refuses 'a root on the host needs more' ': CONFIG_9P_FS=n, CONFIG_OVERLAY_FS=n, as' \
		run -k "$kernel" -- true
	configure $tcg "VM_SHARES=/,/mnt"
	refuses 'folders of the host do' ': CONFIG_9P_FS=n, as' run -k "$kernel" -- true
	configure $tcg ROOTFS_DQIB_KERNEL=y ROOTFS_IS_DISK=y ROOTFS_DISK_ROOT=/dev/vda
	refuses 'a root that has a kernel of its own' 'ROOTFS_DQIB_KERNEL' run -k "$kernel" -- true

	configure $tcg VM_NET=y
	has m VIRTIO_NET
	vm run -k "$kernel" -- true
	is 'without a network it starts' "$status" 0
	ok '... and that is said' said_once 'no CONFIG_VIRTIO_NET built in'
}

test_words()
{
	configure $tcg VM_STATES=2 VM_KMOD=y
	has y
	vm run -- true
	: >"$FAKE/argv"
	vm run -k "$kernel" -- true
	is 'a kernel from elsewhere' "$status" 0
	is '... is what QEMU is given' "$(word -kernel)" "$kernel"
	ok '... on a q35' grep -qx q35 "$FAKE/argv"
	ok '... with the devices of PCI' grep -q '^virtio-serial-pci,' "$FAKE/argv"
	ok '... and none of microvm' [ -z "$(grep -e mmio -e 'virtio.*-device' "$FAKE/argv")" ]
	is '... and no modules that fit the lab' "$(word -append | grep -o 'KILN_[A-Z]*=[^ ]*' | paste -sd' ')" \
		'KILN_MODULES=none KILN_INIT=none'
	is '... always booted' "$(of_result start)" boot
	is '... and on record' "$(of_result kernel)" "$kernel"
	is "... and the lab's machine goes on from its state" \
		"$(vm run -- true; of_result start) $(of_result kernel)" 'state '

	(cd "$there" && "$VM" -O "$lab" run -k vmlinuz -- sh -c 'exit 3' 2>"$tmp/err")
	is 'a path from here' "$? $(of_result kernel)" "3 $kernel"
	mkdir "$lab/host"
	ln -s "$(realpath "$VM")" "$lab/host/vm"
	cp "$lab/vm/last/reproduce.sh" "$tmp/again"
	vm run -- true
	sh "$tmp/again"
	is 'reproduce.sh takes it again' "$? $(of_result kernel)" "3 $kernel"
	rm -r "$lab/host"

	vm run -k "$kernel" --print
	ok '--print prints it' grep -q -F -e '-M q35' "$tmp/out"
}

test_modules()
{
	local modules=$there/root/lib/modules/6.1

	configure $tcg
	has y
	mkdir -p "$there/root/lib/modules/6.2"
	refuses 'modules of another release' 'root has no modules of 6.1, the kernel.s release' \
		run -k "$kernel" -m "$there/root" -- true
	refuses 'no folder' 'none is no folder' run -k "$kernel" -m "$there/none" -- true
	mkdir "$modules"
	vm run -k "$kernel" -m "$there/root" -- true
	ok 'without an index modprobe finds nothing' said_once '6.1 has no modules.dep.*depmod'
	: >"$modules/modules.dep"
	vm run -k "$kernel" -m "$there/root" -- true
	is 'a folder with modules' "$status $(cat "$tmp/err")" '0 '
	ok '... is one of the guest' \
		grep -qxF "local,id=modules,path=$modules,multidevs=remap,security_model=none,readonly=on" "$FAKE/argv"
	ok '... at the place of its release' \
		[ "$(word -append | grep -o 'KILN_SHARE[^ ]*')" = KILN_SHARE_MODULES=ro,modules,/lib/modules/6.1 ]
	is '... and on record' "$(of_result modules)" "$modules"
	has n 9P_FS MODULES
	refuses 'the kernel must take them' ': CONFIG_9P_FS=n, CONFIG_MODULES=n, as' \
		run -k "$kernel" -m "$modules" -- true
	has m VIRTIO_PCI NET_9P_VIRTIO
	refuses 'what it needs is named once' ': CONFIG_VIRTIO_PCI=m, CONFIG_NET_9P_VIRTIO=m, as' \
		run -k "$kernel" -m "$modules" -- true
}

test_mute()
{
	local needs='; no configuration of this kernel was found, and it must have built in: CONFIG_X86_64, .*CONFIG_SERIAL_8250_CONSOLE$'

	configure $tcg VM_BOOT_TIMEOUT=1
	rm "$there/.config"
	FAKE_TCG=silent vm run -k "$kernel" -- true
	is 'an unknown kernel whose agent says nothing: 125' "$status $(of_result outcome)" '125 not-up'
	ok '... and what it may lack' said "did not come up in 1 s (VM_BOOT_TIMEOUT)$needs"
	FAKE_TCG=triple-fault vm run -k "$kernel" -- true
	ok '... one that resets' said "triple fault$needs"
	FAKE_TCG=panic vm run -k "$kernel" -- true
	ok '... one that panics' said "panic.*$needs"
	FAKE_TCG=refuse vm run -k "$kernel" -- true
	ok 'QEMU ends, and the kernel is not to blame' [ -z "$(grep 'built in' "$tmp/err")" ]
	FAKE_TCG=silent vm run -- true
	ok "the lab's kernel has all that" [ -z "$(grep 'built in' "$tmp/err")" ]
	FAKE_TCG=late-panic vm run -k "$kernel" -- true
	ok 'so has one that came up' [ -z "$(grep 'built in' "$tmp/err")" ]
	has y
	FAKE_TCG=silent vm run -k "$kernel" -- true
	ok 'or is known' [ -z "$(grep 'built in' "$tmp/err")" ]
}

# A report has its places by the vmlinux that is the kernel's, and by no other.
test_decode()
{
	local flags=(-g -O1 -fdebug-prefix-map="$tmp=/kiln/linux/kernel")

	configure $tcg
	mkdir "$lab/linux/build"
	ln -s "$LINUX" "$lab/linux/build/source"
	printf 'int fake(void)\n{\n\treturn 1;\n}\nint main(void)\n{\n\treturn fake();\n}\n' >"$tmp/fake.c"
	gcc "${flags[@]}" -o "$lab/linux/build/vmlinux" "$tmp/fake.c"
	FAKE_TCG=late-warning vm run -- true
	ok "the lab's kernel complains, with the place" said 'fake (kernel/fake.c:4)'
	FAKE_TCG=late-warning vm run -k "$kernel" -- true
	is 'another one complains' "$status $(of_result outcome)" '254 complained'
	is '... without places that are not its own' "$(grep -c '"decoded"' "$lab/vm/last/result.json")" 0
	gcc "${flags[@]}" -Wl,--build-id=0x362e32 -o "$there/vmlinux" "$tmp/fake.c"
	FAKE_TCG=late-warning vm run -k "$kernel" -- true
	is '... nor with those of another build beside it' "$(grep -c '"decoded"' "$lab/vm/last/result.json")" 0
	sed '1i\\n\n' "$tmp/fake.c" >"$tmp/own.c"
	gcc "${flags[@]}" -Wl,--build-id=0x362e31 -o "$there/vmlinux" "$tmp/own.c"
	FAKE_TCG=late-warning vm run -k "$kernel" -- true
	ok '... but with those of its own' said 'fake (kernel/own.c:'
}

mkdir "$there"
test_usage
test_files
test_lacks
test_words
test_modules
test_mute
test_decode
finish
