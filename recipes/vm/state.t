#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# This lab's machine, saved and gone on from: that it is fresh each time, and that
# nothing goes on which should not.  src/vm/qemu/saved.t has what can fail.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

config=$LAB/include/config/auto.conf
[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'

# The lab's states are not touched: here is another lab, of the same files.
lab=$tmp/lab
states=$lab/vm/state
make_lab()
{
	local folder

	mkdir -p "$lab"/{vm,include/config}
	for folder in linux rootfs host modules; do
		ln -s "$LAB/$folder" "$lab/$folder"
	done
	cp "$LAB"/vm/{splats,allowed,decode,devices,processor} "$lab/vm/"
}

# configure LINE... - the lab's configuration, under TCG, and these
configure()
{
	local names

	names=$(printf '|%s' "${@%%=*}")
	grep -vE "^CONFIG_(VM_ACCEL_[A-Z]+|VM_STATES$names)=" "$LAB/include/config/auto.conf" \
		>"$lab/include/config/auto.conf"
	printf 'CONFIG_%s\n' VM_ACCEL_TCG=y VM_STATES=2 "$@" >>"$lab/include/config/auto.conf"
}

# run COMMAND... - in a machine; sets $status, $tmp/out, $tmp/err
run()
{
	timeout -k 1 60 "$LAB/host/vm" -O "$lab" run -- "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# began - how the last machine did
began()
{
	sed -n 's/^  "start": "\(.*\)",/\1/p' "$lab/vm/last/result.json"
}

# says PROMISE EXPECTED COMMAND... - the answer, the status and how it began
says()
{
	run "${@:3}"
	is "$1" "$(cat "$tmp/out") $status $(began)" "$2"
	[ ! -s "$tmp/err" ] || sed 's/^/# /' "$tmp/err"
}

count()
{
	find "$states" -type f | wc -l
}

fresh='cat /proc/sys/kernel/random/boot_id
	hostname
	head -c 32 /dev/urandom | md5sum
	dd if=/dev/random bs=32 count=1 2>/dev/null | md5sum
	cat /proc/sys/kernel/random/uuid'

# serve - says hello to whoever comes to $port of this host
serve()
{
	rm -f "$tmp/port"
	# shellcheck disable=SC2016 # perl's
	timeout 60 perl -MIO::Socket -e '
		my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
		open(my $out, ">", "$ARGV[0].new") or die;
		print $out $listener->sockport;
		close($out);
		rename("$ARGV[0].new", $ARGV[0]);
		my $client = $listener->accept;
		print $client "hello from the host\n"' "$tmp/port" &
	server=$!
	until [ -e "$tmp/port" ] || ! kill -0 $server 2>/dev/null; do :; done
	port=$(<"$tmp/port")
}

# same FILE FILE - lines that both have
same()
{
	sort "$1" "$2" | uniq -d
}

# goes_on NAME - this machine can be saved, and goes on
goes_on()
{
	local date

	says "$1: it boots, and is saved" 'hello 3 boot' sh -c 'echo hello; exit 3'
	is '... and says nothing' "$(cat "$tmp/err")" ''
	says '... and goes on' 'hello 3 state' sh -c 'echo hello; exit 3'
	says '... as do its timers' ' 0 state' sleep 0.1
	date=$(date +%s)
	run date +%s
	ok '... with the right time' test $(($(cat "$tmp/out") - date)) -ge 0 -a $(($(cat "$tmp/out") - date)) -le 5
	says '... with all its processors' "$(sed -n 's/^CONFIG_VM_CPUS=//p' "$lab/include/config/auto.conf") 0 state" \
		grep -c ^processor /proc/cpuinfo
	if grep -qx CONFIG_VM_NET=y "$config"; then
		serve
		says '... with a network, which reaches the host' 'hello from the host 0 state' nc 10.0.2.2 "$port"
		wait "$server"
	fi
}

make_lab
configure
goes_on "the lab's machine"
is 'the state is for its owner alone' "$(find "$states" -type f ! -perm 600)" ''
# KASAN has an eighth of the memory for itself, and writes to all of it.
part=$(grep -qx CONFIG_LINUX_KASAN=y "$config" && echo 3 || echo 5)
ok "... and smaller than the ${part}th part of the memory" \
	[ "$(($(du -k "$states" | tail -n 1 | cut -f 1) * part))" -lt \
	"$(($(sed -n 's/^CONFIG_VM_MEMORY=//p' "$config") * 1024))" ]

run sh -c "$fresh"
cp "$tmp/out" "$tmp/first"
run sh -c "$fresh"
is 'two machines of one state have nothing in common' \
	"$(wc -l <"$tmp/first") $(wc -l <"$tmp/out") $(same "$tmp/first" "$tmp/out")" '5 5 '

if [ -e "$LAB/modules/hello/hello.ko" ]; then
	says 'a module is loaded' 'Hello, state! 0 state' sh -c \
		'modprobe hello who=state && cat /sys/kernel/debug/hello/greeting'
	says '... and is not in the next one' '0 1 state' grep -c ^hello /proc/modules
fi
if [ -e "$LAB/modules/crash/crash.ko" ]; then
	run modprobe crash how=warn
	is 'a complaint counts' "$status $(began)" '254 state'
	run true
	is '... and is not there in the next one' "$status $(began)" '0 state'
fi
head -c 1000000 /dev/urandom >"$tmp/data"
timeout 60 "$LAB/host/vm" -O "$lab" run -- cat <"$tmp/data" >"$tmp/out"
ok 'input and output pass' cmp "$tmp/data" "$tmp/out"

# One bit, where the memory is in use.
state=$(find "$states" -type f)
byte=$(dd if="$state" bs=1 skip=20000000 count=1 status=none | od -An -tu1)
printf '%b' "\\x$(printf %x $((byte ^ 16)))" | dd of="$state" bs=1 seek=20000000 conv=notrunc status=none
says 'a bit of it is flipped: it boots' 'hello 0 boot' echo hello
ok '... and says so' grep -q 'its checksum is wrong; booting' "$tmp/err"

configure 'VM_APPEND=quiet'
says 'another argument: it boots' 'hello 0 boot' echo hello
configure
says '... and the other one is still there' 'hello 0 state' echo hello
is '... so there are two' "$(count)" 2

if [ "$(sed -n 's/^CONFIG_LINUX_SMP=//p' "$config")" = y ]; then
	configure VM_CPUS=2
	goes_on 'two processors'
fi
# kind_of BUS - prints the option of the first machine with that bus
kind_of()
{
	sed -n "s/^processor_machine_\([A-Z0-9_]*\) := $1 .*/\1/p" "$LAB/vm/processor" | sed q
}

if grep -qx CONFIG_PCI=y "$LAB/linux/build/.config" && ! grep -qx "CONFIG_$(kind_of pci)=y" "$config"; then
	configure "$(kind_of device)=n" "$(kind_of pci)=y"
	goes_on 'a machine with PCI'
fi
# A folder of the host, as it is now
if grep -qx CONFIG_9P_FS=y "$LAB/linux/build/.config"; then
	configure VM_KMOD=y
	rm "$lab/modules"
	mkdir "$lab/modules"
	echo before >"$lab/modules/file"
	says 'a folder of the host is mounted, and the machine is saved' 'before 0 boot' cat /root/kmod/file
	echo after >"$lab/modules/file"
	says '... and mounted in the next one' 'after 0 state' cat /root/kmod/file
	run sh -c 'echo from the guest >/root/kmod/file'
	is '... to be read' "$([ "$status" != 0 ] && cat "$lab/modules/file") $(began)" 'after state'
	configure VM_SHARES="\"$tmp,/mnt/host,rw\""
	says 'folders that the menu names are, too' ' 0 boot' sh -c 'echo guest >/mnt/host/written'
	says '... and the next machine has them again' 'guest 0 state' cat /mnt/host/written
fi
is 'no more than the menu says are kept' "$(count)" 2

# With a periodic tick each second machine or so is saved while a timer is about to come.
if grep -q KILN_TIMERS "$LAB/vm/processor"; then
	configure 'VM_APPEND="highres=off nohz=off"'
	ended=
	for _ in 1 2 3 4 5 6; do
		rm -rf "$states"
		run true
		run sleep 0.1
		ended+=$status
	done
	is 'what waits in a saved machine goes on, or another one boots' "$ended" 000000
fi
finish
