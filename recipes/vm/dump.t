#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The memory of a machine that lives and of one that panicked is written to a file,
# which gdb and crash understand, if the lab has debugging information.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

[ -e "$LAB/modules/crash/crash.ko" ] || skip_all 'this lab has no modules'

# The lab with another configuration of its machine.
lab=$tmp/lab
mkdir -p "$lab/include/config" "$lab/vm"
ln -s "$LAB"/{linux,rootfs} "$lab"
# Here the kernel's script looks for modules, and not past links.
cp -a "$LAB/modules" "$lab"
cp "$LAB"/vm/{splats,allowed,decode,devices,processor} "$lab/vm"
cp "$LAB/vm/accel" "$lab/vm" 2>/dev/null
{
	grep -v '^CONFIG_VM_DUMP=' "$LAB/include/config/auto.conf"
	echo CONFIG_VM_DUMP=y
} >"$lab/include/config/auto.conf"
trap 'vm stop; rm -rf "$tmp"' EXIT

vm()
{
	timeout 120 "$LAB/host/vm" -O "$lab" "$@" >"$tmp/said" 2>&1
}

# has_kernel FILE - the kernel's text is where it says, and only its owner may read it
has_kernel()
{
	local start from size

	[ "$(stat -c %a "$1")" = 600 ] || return
	start=0x$(sed -n 's/ . _stext$//p' "$LAB/linux/build/System.map")
	while read -r from size; do
		[[ $((start - from)) -lt 0 || $((start - from)) -ge $((size)) ]] || return 0
	done < <(readelf -lW "$1" 2>&1 | awk '$1 == "LOAD" { print $3, $5 }')
	return 1
}

# gdb LINE...
gdb()
{
	printf '%s\n' "$@" >"$tmp/commands"
	KILN_GDBARGS="-batch -x '$tmp/commands'" timeout 120 src/commands/gdb/gdb "$lab" "$core" \
		>"$tmp/said" 2>&1 </dev/null
}

# crash_says LINE [OPTION] - what crash says of the dump is in $tmp/said
crash_says()
{
	printf '%s\n' "$1" quit | timeout 120 crash -s "${@:2}" "$LAB/linux/build/vmlinux" "$core" >"$tmp/said" 2>&1
}

# said PATTERN
said()
{
	grep -qE "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

if grep -qx CONFIG_PROCESSOR_FOREIGN=y "$LAB/.config" && ! grep -qx CONFIG_PROC_KCORE=y "$LAB/linux/build/.config"; then
	skip_all 'this kernel does not tell where its page tables are'
fi
debug=
if grep -qx CONFIG_GDB_SCRIPTS=y "$LAB/linux/build/.config"; then
	debug=y
fi

ok 'a machine runs' vm start
vm exec -- modprobe hello who=dumped
ok 'its memory is written' vm dump
ok 'with the addresses of the kernel' has_kernel "$lab/vm/last/vmcore"
ok 'it goes on' vm exec -- true
ok 'and again, to a file' vm dump "$tmp/core"
ok '... of this name' has_kernel "$tmp/core"
vm dump "$tmp/none/core"
is 'one that cannot be written is an error' $? 1
ok '... that is said' said "^vm: $tmp/none/core|^vm: No such file or directory"
if [ -n "$debug" ]; then
	core=$tmp/core
	gdb lx-dmesg 'print who' 'kiln-module'
	ok 'gdb: the log' said '^\[ +0\.[0-9]+\](\[ *T0\])? Linux version'
	ok 'gdb: the data of a module' said '^.1 = 0x[0-9a-f]+ "dumped"'
fi
vm stop

vm run -- modprobe crash how=panic
is 'a panic: 255' $? 255
ok 'where the memory is is said' said 'make gdb CORE=.*/vm/runs/.*/vmcore'
if [ -n "$debug" ]; then
	ok 'the report at the end has file and line' said 'crash_panic \(kmod/crash/crash.c:[0-9]+\)'
fi
ok 'it is there' has_kernel "$lab/vm/last/vmcore"
is 'and nothing half' "$(ls "$lab/vm/last")" "$(printf '%s\n' console.log reproduce.sh result.json vmcore)"
if [ -n "$debug" ]; then
	core=$lab/vm/last/vmcore
	gdb lx-dmesg backtrace kiln-current
	ok 'gdb: the log to its end' said '^\[.*Kernel panic - not syncing: crash: as asked for'
	ok 'gdb: the backtrace of the culprit' said '^#[0-9]+ .* crash_panic .*kmod/crash/crash.c:[0-9]+'
	ok 'gdb: which it was' said '^[0-9]+ modprobe, '
fi
if [ -n "$debug" ] && ! grep -qx CONFIG_PROCESSOR_FOREIGN=y "$LAB/.config" && command -v crash >"$tmp/ignored"; then
	crash_says log --minimal
	ok 'crash: the log to its end' said '^\[.*Kernel panic - not syncing: crash: as asked for'
	crash_says bt
	if grep -q 'invalid structure member\|invalid size request' "$tmp/said"; then
		result 0 "crash: the rest # SKIP $(crash --version | grep -m 1 '^crash') does not know Linux $(<"$LAB/linux/build/include/config/kernel.release")"
	else
		ok 'crash: the backtrace of the culprit' said '^ #[0-9]+ .* panic at '
		ok '... to its module' said '\[crash\]$'
		ok 'crash: which it was' said 'COMMAND: "modprobe"'
	fi
fi
vm run -- true
is 'the next run ends well' $? 0
ok '... without it' test ! -e "$lab/vm/last/vmcore"

finish
