#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's own device and its driver, on both buses and with rings of each kind.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

# This lab's QEMU, or that of qemu.t.
qemu=$LAB/qemu/qemu-system-x86_64
[ -x "$qemu" ] || qemu=$LAB/check/qemu/qemu/qemu-system-x86_64
[ -x "$qemu" ] || skip_all 'no QEMU is built; recipes/qemu/qemu.t builds one'
grep -qx CONFIG_MODULES=y "$kernel/build/.config" || skip_all 'this kernel takes no modules'

mkdir "$tmp/kmod"
cp -r kmod/include kmod/virtio_kiln "$tmp/kmod/"
cp src/commands/test/{leaks,tap.sh} "$tmp/kmod/virtio_kiln/"
kbuild "$tmp/kmod/virtio_kiln" || {
	sed 's/^/# /' "$tmp/log"
	result 1 'the driver can be built'
	finish
}
(cd "$tmp/kmod/virtio_kiln" && find virtio_kiln.ko virtio_kiln.t kiln-ask leaks tap.sh 2>/dev/null | tar -cf "$tmp/files.tar" -T -)

# The guest's: where modprobe looks for the driver.
unpack='cd /root && tar -xo && dir=/lib/modules/$(uname -r) && mkdir -p "$dir" &&
	mv virtio_kiln.ko "$dir/" && echo virtio_kiln.ko: >"$dir/modules.dep"'

# here LINE... - a machine with the device in that QEMU
here()
{
	machine "$@" VM_KILN=y
	sed -i "s,^CONFIG_VM_QEMU=.*,CONFIG_VM_QEMU=$qemu," "$lab/include/config/auto.conf"
}

# drive [OPTION] - the driver's own test, where the device has that option, as packed=on
drive()
{
	[ -z "${1-}" ] || echo "CONFIG_VM_QEMU_ARGS=-global virtio-kiln-device.$1" >>"$lab/include/config/auto.conf"
	vm -t "$limit" run -- sh -c "$unpack && ./virtio_kiln.t && ./leaks" <"$tmp/files.tar" >"$tmp/tap" 2>"$tmp/said"
	# shellcheck disable=SC2181 # of two commands
	if [ $? != 0 ] || ! grep -q '^ok' "$tmp/tap" || grep '^not ok' "$tmp/tap"; then
		tail -n 30 "$tmp/tap" "$tmp/said"
		return 1
	fi
}

for bus in $(! has VIRTIO_MMIO || echo microvm) $(! has VIRTIO_PCI || echo q35); do
	kind=$bus
	[ "$bus" = q35 ] || kind=
	# shellcheck disable=SC2086 # perhaps none
	here $kind
	ok "$bus: its driver's test passes" drive
done
for option in packed=on event_idx=off indirect_desc=off; do
	# shellcheck disable=SC2086 # perhaps none
	here $kind
	ok "... with $option" drive $option
done

# Pulled out and plugged in again, on PCI: QEMU asks the guest for it.
pulled='
	modprobe virtio_kiln
	exec 3<>/dev/kiln0
	(exec cat <&3 2>reader) &
	reader=$!
	(exec ./kiln-ask delay /dev/kiln0 60000 2>caller) &
	caller=$!
	for pid in $reader $caller; do
		until grep -q "^State:.S" /proc/$pid/status; do sleep 0.1; done
	done
	echo up
	wait $reader; echo "the reader: $? $(sed "s/.*: //" reader)"
	wait $caller; echo "the caller: $? $(sed "s/.*: //" caller)"
	echo late 2>&1 >&3 | sed "s/.*: //"
	until [ -e /dev/kiln0 ]; do sleep 0.1; done
	echo again >/dev/kiln0 && head -n 1 /dev/kiln0
	exec 3>&-
	rmmod virtio_kiln && echo unloaded
	./leaks'
ask_monitor() { vm -w "$lab/vm/last" monitor "$1" 2>&1; }
absent() { ! ask_monitor 'info qtree' | grep -q virtio-kiln-pci; }
if has HOTPLUG_PCI; then
	here q35
	rm -f "$tmp/up"
	vm -t "$limit" run -- sh -c "$unpack; $pulled" <"$tmp/files.tar" >"$tmp/up" 2>"$tmp/said" &
	until_true grep -qs up "$tmp/up"
	ask_monitor 'device_del kiln' >"$tmp/ignored"
	ok 'the guest gives it back when it is to be pulled out' until_true absent
	ask_monitor 'device_add virtio-kiln-pci,id=kiln,bus=kiln-port' >"$tmp/ignored"
	wait $!
	is '... and the kernel does not complain' "$?" 0
	is '... who waits is told, an open file is of no use, and a new one is found' "$(cat "$tmp/up")" \
		"up
the reader: 1 No such device
the caller: 1 No such device
No such device
again
unloaded"
fi

# A message of the host's, and a machine that was saved
# shellcheck disable=SC2086 # perhaps none
here $kind
vm start 2>"$tmp/said"
vm exec -- sh -c "$unpack" <"$tmp/files.tar"
message() { vm monitor 'qom-set kiln message hello'; }
ok 'who has no driver gets no message, and that is said' grep -q 'no driver in the guest' <(message)
vm exec -- modprobe virtio_kiln
is 'a message reaches the guest' "$(message)$(vm exec -- cat /sys/class/kiln/kiln0/event)" hello
is '... and is counted' "$(vm exec -- cat /sys/class/kiln/kiln0/events)" 1
vm stop

# shellcheck disable=SC2086 # perhaps none
here $kind VM_STATES=1
for run in first second; do
	is "a machine with it can be saved: the $run run" \
		"$(vm -t "$limit" run -- sh -c "$unpack && modprobe virtio_kiln && echo $run >/dev/kiln0 && read -r line </dev/kiln0 && echo \$line" \
			<"$tmp/files.tar" 2>"$tmp/said")" "$run"
done
is '... goes on from its state' "$(grep -o '"start": *"[a-z]*"' "$lab/vm/last/result.json")" '"start": "state"'
finish
