#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A device of the machine is a folder: it comes with that alone, no other file is
# touched, and goes with it.  On fake sources.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

folder=recipes/vm/devices/two-rays

build()
{
	make "$@" >"$tmp/output" 2>&1
}

# option VALUE - in .config; without one its lines are away
option()
{
	sed -i '/CONFIG_VM_TWO_RAYS/d' out/.config
	[ $# = 0 ] || echo "CONFIG_VM_TWO_RAYS=$1" >>out/.config
}

# kernel LINE - does its configuration have it?
kernel()
{
	grep -qx "$1" out/linux/build/.config
}

# traces - where the device is still known
traces()
{
	grep -rlI -e two-rays -e TWO_RAYS -e two_rays out --exclude='*.log' --exclude=.config.old
}

words()
{
	out/run --print
}

make -s defconfig
ok 'a lab' build all
words >"$tmp/words"
find out -type f -printf '%p %T@ %s\n' | sort >"$tmp/files"

mkdir "$folder"
cat >"$folder/Kconfig" <<'END'
config VM_TWO_RAYS
	bool "Two rays"
	help
	  They are there or not.

config VM_TWO_RAYS_COLOUR
	string "Their colour"
	default "green and blue"
	depends on VM_TWO_RAYS
	help
	  A colour.
END
echo 'CONFIG_FAKE_LOUD=y' >"$folder/linux.config"
echo 'CONFIG_FAKE_GREETING="by PCI"' >"$folder/linux-pci.config"
cat >"$folder/qemu" <<'END'
# Two of them
words-q35	-device ray-port
words	-device ray-@BUS@,colour=@VM_TWO_RAYS_COLOUR@
append	two_rays.colour=@VM_TWO_RAYS_COLOUR@
unsaved	has rays that go away
END

ok 'a new folder is an option of the menu' build listnewconfig
is '... which nobody has chosen yet' "$(grep CONFIG_ "$tmp/output")" CONFIG_VM_TWO_RAYS=n
make -s help-vm >"$tmp/output"
is '... is in the help' "$(sed -n 's/^  VM_TWO_RAYS  *//p' "$tmp/output")" 'Two rays'
ok '... and off' build all
is '... so that the machine is as it was' "$(words)" "$(cat "$tmp/words")"
ok '... and the kernel' kernel '# CONFIG_FAKE_LOUD is not set'
build all
ok '... then there is nothing to do' grep -q 'Nothing to be done' "$tmp/output"

option y
ok 'it can be chosen' build all
ok '... the kernel gets its driver' kernel CONFIG_FAKE_LOUD=y
ok '... but not what that needs on PCI' kernel 'CONFIG_FAKE_GREETING="hello"'
is '... the machine the device, behind all others' "$(words | grep -o 'virtio-rng.*')" \
	"virtio-rng-device -device 'ray-device,colour=green and blue'"
ok '... the kernel its arguments' grep -q 'two_rays.colour=green and blue' <(words)
build all
ok '... then there is nothing to do' grep -q 'Nothing to be done' "$tmp/output"

sed -i 's/ray-@BUS@/ray-x-@BUS@/' "$folder/qemu"
ok 'its words can be edited' build all
ok '... and count' grep -q 'ray-x-device,' <(words)
ok '... and nothing else is built for them' test 0 = "$(grep -c 'linux \|modules \|rootfs ' "$tmp/output")"

cp out/.config "$tmp/config"
sed -i -e /CONFIG_VM_MICROVM/d -e 's/.*CONFIG_VM_Q35.*/CONFIG_VM_Q35=y/' out/.config
ok 'on PCI it can be built' build all
ok '... the kernel gets what is needed there' kernel 'CONFIG_FAKE_GREETING="by PCI"'
is '... and the machine its own words' "$(words | grep -o 'ray-.*')" ray-port
cp "$tmp/config" out/.config

sed -i 's/^unsaved/unsafed/' "$folder/qemu"
build all
words >"$tmp/said" 2>&1
is 'a line that is wrong is told' "$? $(cat "$tmp/said")" \
	"125 vm: $folder/qemu:5: none of words, words-MACHINE, append, unsaved, single and arch: unsafed"

rm -r "$folder"
build all
is 'a folder that goes while its option is on stops make' $? 2
ok '... with the reason' grep -q 'out/.config:[0-9]*: CONFIG_VM_TWO_RAYS is unknown' "$tmp/output"
option
ok 'without the option make works' build all
is '... and the machine is as it was' "$(words)" "$(cat "$tmp/words")"
ok '... and the kernel' kernel '# CONFIG_FAKE_LOUD is not set'
is '... and nothing knows the device' "$(traces)" ''
build all
ok '... then there is nothing to do' grep -q 'Nothing to be done' "$tmp/output"

# What only looks makes nothing where all is as it was left.
find out -type f -printf '%p %T@ %s\n' | sort >"$tmp/files"
ok '-n is fine' build -n
is '... and leaves all as it is' "$(find out -type f -printf '%p %T@ %s\n' | sort | diff "$tmp/files" -)" ''

finish
