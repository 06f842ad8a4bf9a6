#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The first process and the agent in machines under TCG: what needs a kernel of
# its own.  src/test/unit/test-guest.c has the rest.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

init=$LAB/guest/init
[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'

trap '[ -z "${machine-}" ] || kill $machine; rm -rf "$tmp"' EXIT
cc -std=gnu11 -D_GNU_SOURCE -O2 -Isrc -o "$tmp/ask" src/test/lib/ask.c src/lib/frame.c || exit 1

# processor KEY - prints what the lab's processor has for it
processor()
{
	sed -n "s/^processor_$1 := //p" "$LAB/vm/processor"
}

while read -r symbol bus _ name options; do
	! grep -qx "CONFIG_$symbol=y" "$LAB/include/config/auto.conf" ||
		board=(-M "$name${options:+,$options}" -device "virtio-serial-$bus")
done < <(sed -n 's/^processor_machine_\([A-Z0-9_]*\) := /\1 /p' "$LAB/vm/processor")

# start INITRAMFS ARGUMENT... - a machine with a port; the rest is for the kernel
start()
{
	local initramfs=$1

	shift
	rm -f "$tmp/line"
	timeout 600 "$(processor qemu)" -nodefaults -no-user-config -display none -no-reboot \
		-accel tcg -cpu "$(processor cpu)" -m 256 -kernel "$LAB/$(processor kernel)" -initrd "$initramfs" \
		-append "console=$(processor console) panic=-1 $(processor append) $(processor append_tcg_one) $*" "${board[@]}" \
		-device virtserialport,chardev=agent,name=org.kiln.agent \
		-chardev socket,id=agent,path="$tmp/line",server=on,wait=off \
		-serial "file:$tmp/console" 2>"$tmp/qemu" &
	machine=$!
}

# ended PROMISE - the machine does end, by itself
ended()
{
	local status

	wait $machine
	status=$?
	machine=
	is "$1" "$status" 0
}

# ask THING... - prints what comes of it, in one line
ask()
{
	timeout 300 "$tmp/ask" "$tmp/line" "$@" 2>&1 | tr '\n' ' '
	return "${PIPESTATUS[0]}"
}

shell()
{
	ask shell "$1"
}

take_all_memory()
{
	shell 'echo 1 >/proc/sys/vm/overcommit_memory; exec dd if=/dev/zero of=/dev/null bs=1G count=1'
	echo $?
}

# says PROMISE TEXT THING... - the answer holds the text
says()
{
	local promise=$1 text=$2 answer

	shift 2
	answer=$(ask "$@")
	[[ $answer == *"$text"* ]]
	result $? "$promise"
	[[ $answer == *"$text"* ]] || printf '# got: %s\n' "$answer"
}

ok 'the agent is smaller than 100 KiB' test "$(stat -c %s "$init")" -lt 102400
ok 'it needs no libraries' sh -c "! readelf -lW '$init' | grep -q INTERP"

# A command at once, without the root's services.
start "$LAB/rootfs/initramfs.cpio" KILN_INIT=none
says 'it is the first process' '1 /init' shell "echo \$PPID; tr '\\0' ' ' </proc/1/cmdline"
for mount in 'proc /proc' 'sysfs /sys' 'devtmpfs /dev' 'devpts /dev/pts' 'tmpfs /dev/shm' 'tmpfs /tmp' \
	'debugfs /sys/kernel/debug'; do
	says "mounted: $mount" "$mount" shell 'cat /proc/mounts'
done
is 'the host has its name' "$(shell hostname)" "$(shell 'cat /etc/hostname')"
if grep -qx CONFIG_INET=y "$LAB/linux/build/.config"; then
	says 'the loopback device is up' '0x9' shell 'cat /sys/class/net/lo/flags'
fi
is 'a signal is told' "$(shell "kill -9 \$\$"; echo $?)" 137
is 'a status is told' "$(shell 'exit 77'; echo $?)" 77

head -c 3000000 /dev/urandom >"$tmp/file"
ok 'a file is put' "$tmp/ask" "$tmp/line" put /tmp/file <"$tmp/file"
ok 'and got' cmp <("$tmp/ask" "$tmp/line" get /tmp/file) "$tmp/file"
ok 'a command prints it' cmp <("$tmp/ask" "$tmp/line" run cat /tmp/file) "$tmp/file"
shell 'mkdir /tmp/small; mount -t tmpfs -o size=1m tmpfs /tmp/small' >"$tmp/out"
is 'a full disk is told' "$("$tmp/ask" "$tmp/line" put /tmp/small/file <"$tmp/file" 2>&1)" \
	'/tmp/small/file: No space left on device'
is 'and nothing is left there' "$(shell 'ls -A /tmp/small')" ''

module=$LAB/modules/hello/hello.ko
if [ -e "$module" ]; then
	ok 'a module is loaded, with a parameter' "$tmp/ask" "$tmp/line" load "$module" who=agent
	says 'it is there' 'Hello, agent!' get /sys/kernel/debug/hello/greeting
	says 'the kernel is heard' 'hello: Hello, agent!' kmsg 'Hello, agent!'
	says 'loaded twice' 'File exists' load "$module"
	ok 'it is unloaded' "$tmp/ask" "$tmp/line" unload hello
	says 'unloaded twice' 'hello: No such file' unload hello
	sed 's/debugfs_create_dir/debugfs_create_dix/g' "$module" >"$tmp/unknown.ko"
	says 'the reason is told in the words of the kernel' 'Unknown symbol debugfs_create_dix (err -2)' \
		load "$tmp/unknown.ko"
fi
says 'what is no module' 'Exec format error' load recipes/guest/guest.t

says 'the kernel is heard from now on, too' ';the latest news ' news 'the latest news'
ok 'the host gets another name' "$tmp/ask" "$tmp/line" name lab-1
is 'and has it' "$(shell hostname)" 'lab-1 '
ok 'the clock is set' "$tmp/ask" "$tmp/line" clock 1000000000
says 'and goes on from there' '2001-09-09' shell 'date +%F'
ok 'the random pool is fed' "$tmp/ask" "$tmp/line" entropy 'sixteen bytes...'

# Whoever leaves in the midst of a frame does not matter.
{ timeout -s KILL 1 "$tmp/ask" "$tmp/line" speed 200 >"$tmp/out"; } 2>/dev/null
ok 'a host may vanish' "$tmp/ask" "$tmp/line" ping
is 'a command that takes all memory is killed' "$(take_all_memory)" 137
ok 'and the agent lives' "$tmp/ask" "$tmp/line" ping
sed 's/^/# /' <("$tmp/ask" "$tmp/line" times; "$tmp/ask" "$tmp/line" speed 32)
ok 'the machine ends when asked to' "$tmp/ask" "$tmp/line" power 0x1234567
ended 'it has ended'

# The agent beside the root's own init.
start "$LAB/rootfs/initramfs.cpio"
# The agent is there before the root's init has mounted anything, but commands wait.
says "the root's own init runs, and has mounted what it mounts" 'init debugfs' \
	shell 'cat /proc/1/comm; grep -o ^debugfs /proc/mounts'
is 'the agent is not the first process' "$(shell "[ \$PPID = 1 ]"; echo $?)" 1
says 'it is never killed for memory' '-1000' shell "cat /proc/\$PPID/oom_score_adj"
is 'a command may be' "$(shell 'cat /proc/self/oom_score_adj')" '0 '
is 'a command that takes all memory is killed here, too' "$(take_all_memory)" 137
shell "kill -TERM \$PPID; kill -INT \$PPID; kill -HUP \$PPID" >"$tmp/out"
ok 'signals do not end it' "$tmp/ask" "$tmp/line" ping
ask shell poweroff >"$tmp/out"
ended 'a poweroff ends the machine'

# A root without an init.
printf '%s\n' 'dir /dev 755 0 0' 'nod /dev/console 600 0 0 c 5 1' "file /init $init 755 0 0" >"$tmp/list"
"$LAB/rootfs/gen_init_cpio" "$tmp/list" >"$tmp/empty"
start "$tmp/empty"
ended 'a root without an init ends the machine'
ok 'it is said what is missing' grep -q 'init: cannot run /sbin/init: No such file or directory' "$tmp/console"
ok 'the kernel says what becomes of it' grep -q 'Kernel panic - not syncing: Attempted to kill init' "$tmp/console"

finish
