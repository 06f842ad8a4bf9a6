#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# This lab's machine as one that waits for the next command: that it is as fresh as any
# other, and takes no processor.  src/vm/run/spares.t has what can fail.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'
grep -qx CONFIG_9P_FS=y "$LAB/linux/build/.config" && kmod=y

# The lab's machines are not touched: here is another lab, of the same files.
lab=$tmp/lab
mkdir -p "$lab"/{vm,include/config,modules}
ln -s "$LAB"/{linux,rootfs,host} "$lab/"
cp "$LAB"/vm/{splats,allowed,decode,devices,processor} "$lab/vm/"
grep -vE '^CONFIG_(VM_ACCEL_[A-Z]+|VM_STATES|VM_SPARES.*|VM_KMOD)=' "$LAB/include/config/auto.conf" \
	>"$lab/include/config/auto.conf"
printf 'CONFIG_%s\n' VM_ACCEL_TCG=y VM_STATES=2 VM_SPARES=1 VM_SPARES_SECONDS=600 "VM_KMOD=${kmod:=n}" \
	>>"$lab/include/config/auto.conf"
trap '"$LAB/host/vm" -O "$lab" drop; rm -rf "$tmp"' EXIT

# vm ARGUMENT... - sets $status, $tmp/out, $tmp/err
vm()
{
	timeout -k 1 120 "$LAB/host/vm" -O "$lab" "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

began()
{
	sed -n 's/^  "start": "\(.*\)",/\1/p' "$lab/vm/last/result.json"
}

# ticks - the time that the QEMU of the spare has taken; nothing if it is not there yet
ticks()
{
	local one

	one=$(find /proc/[0-9]*/cwd -lname "$lab/vm/spares/*" 2>/dev/null | cut -d / -f 3)
	[ "$one" ] && awk '{ print $14 + $15 }' "/proc/$one/stat"
}

fresh='cat /proc/sys/kernel/random/boot_id
	hostname
	head -c 32 /dev/urandom | md5sum
	dd if=/dev/random bs=32 count=1 2>/dev/null | md5sum
	cat /proc/sys/kernel/random/uuid'

vm run -- true
vm run -- sh -c "$fresh"
cp "$tmp/out" "$tmp/all"
is 'the second command has a machine that waits' "$status $(began)" '0 spare'
is '... and nothing is said' "$(<"$tmp/err")" ''
for _ in 1 2; do
	vm run -- sh -c "$fresh"
	cat "$tmp/out" >>"$tmp/all"
done
is 'three of them have nothing in common' \
	"$(began) $(wc -l <"$tmp/all") $(sort "$tmp/all" | uniq -d)" 'spare 15 '

# A boot takes a while: in the first one it gets ready.
vm run --fresh=boot -- true
before=$(ticks)
vm run --fresh=boot -- true
is 'one that waits takes no time of a processor' "$(ticks)" "${before:-none}"
echo before >"$lab/modules/file"
date=$(date +%s)
vm run -- date +%s
is 'it begins then' "$status $(began)" '0 spare'
ok '... with the right time' test $(($(<"$tmp/out") - date)) -ge 0 -a $(($(<"$tmp/out") - date)) -le 5
if [ "$kmod" = y ]; then
	echo later >"$lab/modules/file"
	vm run -- cat /root/kmod/file
	is 'the folder of the host is as it is now' "$(<"$tmp/out") $(began)" 'later spare'
fi

if [ -e "$LAB/modules/hello/hello.ko" ]; then
	vm run -- modprobe hello
	is 'a module is loaded' "$status $(began)" '0 spare'
	vm run -- grep -c ^hello /proc/modules
	is '... and is not in the next one' "$(<"$tmp/out") $(began)" '0 spare'
fi
vm run -- sh -c 'echo c >/proc/sysrq-trigger'
is 'a panic is one' "$status $(began)" '255 spare'
vm run -- sh -c 'exit 3'
is '... and the next machine is a good one' "$status $(began)" '3 spare'
vm stop
is 'vm stop ends what waits' "$status $(ticks)" '0 '
finish
