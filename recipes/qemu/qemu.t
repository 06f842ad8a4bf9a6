#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A QEMU is built of the distribution's source, with the devices whose sources are in
# this lab; and one of them stands whatever a driver does.
#
# Needs: lab fakes roots
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# roots.t may be at its kernel now.
plain=y
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$LAB/check/qemu
qemu=$o/qemu/qemu-system-x86_64

make -s O="$o" DL="$DL" virtio_defconfig FRAGMENTS=src/test/whole/qemu.config
if [ "$UID" != 0 ] && ! recipes/host/deps stop "$o" "$DL" 2>"$tmp/said"; then
	skip_all "$(cut -d ';' -f 1 "$tmp/said")"
fi
ok 'make deps has what it takes' make -s O="$o" DL="$DL" deps
ok 'it is built' make O="$o" DL="$DL" qemu
is 'it has this lab'\''s device, for both buses' \
	"$("$qemu" -device help | grep -o '^name "virtio-kiln-[a-z]*"' | sort)" \
	$'name "virtio-kiln-device"\nname "virtio-kiln-pci"'
is 'what can be set is explained' \
	"$("$qemu" -device virtio-kiln-pci,help | sed -nE 's/^ *(delay|events|limit)=<[a-z0-9]*> *- (.*) \(default.*/\1: \2/p')" \
	'delay: Whether requests can ask for a late reply
events: Whether there is a queue for messages
limit: Bytes of data in a request, at most'
is 'a limit that cannot be is refused' \
	"$("$qemu" -M microvm -display none -global virtio-mmio.force-legacy=false -device virtio-kiln-device,limit=0 2>&1 | sed 's/.*: limit/limit/')" \
	'limit is 1 to 16777216 bytes, not 0'

# What the menu offers beside: each is known to this QEMU.
unknown=
for file in recipes/vm/devices/*/qemu; do
	while read -r device; do
		for bus in device pci; do
			"$qemu" -device "${device/@BUS@/$bus},help" >"$tmp/ignored" 2>&1 || unknown+=" $device"
		done
	done < <(sed -n 's/^words[^\t]*\t.*-device \([^, ]*\).*/\1/p' "$file")
done
is 'and all other devices of the menu' "$unknown" ''

# The built tree, with a device's source that was edited
mkdir "$tmp/tree" "$tmp/kiln"
cp recipes/vm/devices/kiln/*.[ch] "$tmp/kiln"
devices() { recipes/qemu/devices "$tmp/tree" "$@"; find "$tmp/tree" -type f ! -name '.*' -newer "$tmp/now" -printf '%P\n' | sort; }
touch -d '2001-02-03' "$tmp/now"
is 'sources come where QEMU finds them' "$(devices "$tmp/kiln")" 'hw/kiln/kiln/kiln-pci.c
hw/kiln/kiln/kiln.c
hw/kiln/kiln/kiln.h
hw/kiln/kiln/virtio_kiln.h
hw/kiln/meson.build
hw/kiln/trace-events
hw/kiln/trace.h'
find "$tmp/tree" -exec touch -d 2001-02-03 {} +
is '... and are not touched again' "$(devices "$tmp/kiln")" ''
echo >>"$tmp/kiln/kiln.c"
touch -d 1999-01-01 "$tmp/kiln/kiln.c"
is 'one that was edited is new, whatever its date' "$(devices "$tmp/kiln")" hw/kiln/kiln/kiln.c
is 'a folder that is gone goes' "$(devices; ls "$tmp/tree/hw/kiln")" 'hw/kiln/meson.build
meson.build
trace-events
trace.h'

ok 'a driver that lies is answered, and ends nothing' "$LAB/check/ring" "$qemu"
ok '... whatever it thinks of' "$LAB/check/ring" "$qemu" "${FUZZ:-10}" "${SEED:-$RANDOM}"

# docs/virtio-device.md, in a copy of this checkout: what stands there is typed, but for
# the kernel, which is this lab's, as is the machine.
copy_checkout "$tmp/copy"
mkdir "$tmp/copy/out"
cat >"$tmp/type" <<'END'
	make()
	{
		case $* in
		qemu) command make O="$o" DL="$DL" qemu ;;
		run*) echo "${2#CMD=}" >"$command" ;;
		esac
	}
END
{
	block_of docs/virtio-device.md#a-qemu-to-add-it-to
	block_of docs/virtio-device.md#the-device
	block_of docs/virtio-device.md#the-driver
} >>"$tmp/type"
type_it() { (cd "$tmp/copy" && o=$o DL=$DL command=$tmp/command bash -eu "$tmp/type"); }
ok "a device of one's own: what is typed there works" type_it
(cd "$tmp/copy" && recipes/vm/join recipes/vm/devices/*/qemu) >"$lab/vm/devices"
ok '... its driver can be built' \
	make -C "$kernel/build" M="$tmp/copy/kmod/flip" modules
is '... the device is in the machine'\''s QEMU' "$("$qemu" -device help | grep -c virtio-flip-device)" 1
machine VM_FLIP=y
sed -i "s,^CONFIG_VM_QEMU=.*,CONFIG_VM_QEMU=$qemu," "$lab/include/config/auto.conf"
is '... and turns around what the driver gives it' \
	"$(vm -t 120 run -- sh -c 'dir=/lib/modules/$(uname -r); mkdir -p "$dir"; cat >"$dir/flip.ko"
		echo flip.ko: >"$dir/modules.dep"; eval "$0"' "$(cat "$tmp/command")" \
		<"$tmp/copy/kmod/flip/flip.ko" 2>"$tmp/said" | sed -n 's/.*flip virtio[0-9]*: //p')" reward

# Its option goes with its folder.
sed -i '/VM_FLIP/d' "$o/.config"
ok 'a device whose folder is gone is out of it' make O="$o" DL="$DL" qemu
is '... at the next make' "$("$qemu" -device help | grep -c virtio-flip-device)" 0
is 'which then has nothing to do' "$(make -q O="$o" DL="$DL" qemu; echo $?)" 0
finish
