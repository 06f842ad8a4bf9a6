#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The devices of the menu that are no folders (devices/NAME/NAME.t tests those), each
# used in the guest.  One whose driver the kernel lacks is left out.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

free_port()
{
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# talk SOCKET TEXT - sends it as a line; prints the guest's answer
talk()
{
	perl -MIO::Socket::UNIX -e '
		alarm 60;
		my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
		print $socket "$ARGV[1]\n";
		$socket->flush;
		while (<$socket>) {
			/(the guest has .*\w)/ or next;
			print $1;
			last;
		}' "$1" "$2"
}

test_cpu()
{
	local model line

	case $(processor name) in
	arm64) model=cortex-a57 line='CPU part.*: 0xd07' ;;
	riscv64) model=sifive-u54 line='isa.*: rv64imafdc(_.*)?' ;;
	*) model=core2duo line='model name.*: Intel.R. Core.TM.2 Duo CPU     T7700  @ 2.40GHz' ;;
	esac
	machine VM_CPU="$model"
	is 'the processor is of the model that the menu says' "$(guest "grep -cxE '$line' /proc/cpuinfo")" 1
}

test_ports()
{
	machine VM_PORTS='log control' VM_HVC=y
	guest 'port() { for d in /sys/class/virtio-ports/*; do [ "$(cat $d/name)" != $1 ] || echo /dev/${d##*/}; done; }
		exec 3<>$(port log) 4<>$(port control) 5<>/dev/hvc0
		echo up
		for fd in 3 4 5; do
			until read line <&$fd; do sleep 0.1; done
			echo "the guest has $line" >&$fd
		done
		sleep 1' >"$tmp/up" &
	until_true grep -qs up "$tmp/up"
	is 'a port has its name, and carries both ways' "$(talk "$lab/vm/last/port-log" one)" 'the guest has one'
	is 'so does another' "$(talk "$lab/vm/last/port-control" two)" 'the guest has two'
	is 'and a second console' "$(talk "$lab/vm/last/hvc0" three)" 'the guest has three'
	wait $!
}

# The host's greeting, seen by the guest, and the guest's by the host
test_net()
{
	local port

	port=$(free_port)
	machine VM_NET_FORWARD="$port:80"
	rm -f "$tmp/up"
	guest "echo up; echo 'the guest greets' | nc -l -p 80" >"$tmp/up" &
	until_true grep -qs up "$tmp/up"
	greeting()
	{
		line=$(bash -c 'exec 3<>/dev/tcp/127.0.0.1/$0 && read -rt 20 line <&3 && echo "$line"' "$port" 2>/dev/null) && [ -n "$line" ]
	}
	line=
	until_true greeting
	is "a port of the host leads to the guest's" "$line" 'the guest greets'
	wait $!

	port=$(free_port)
	machine
	vm start
	vm exec -- sh -c "echo 'the guest greets' | nc -l -p 80" &
	vm monitor "hostfwd_add net0 tcp:127.0.0.1:$port-:80" >"$tmp/ignored"
	line=
	until_true greeting
	is '... or does so on demand, while the machine runs' "$line" 'the guest greets'
	wait $!
	vm stop

	local port_of_server
	exec {port_of_server}< <(exec perl -MIO::Socket::INET -e '
		my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or exit 1;
		print $server->sockport, "\n";
		close STDOUT;
		while (my $client = $server->accept) { print $client "the host greets\n"; close $client; }')
	local server=$!
	read -r port <&"$port_of_server"
	exec {port_of_server}<&-
	local ask="nc -w 3 10.0.2.2 $port </dev/null; true"
	machine
	is 'the guest reaches the host' "$(guest "$ask")" 'the host greets'
	machine VM_NET_RESTRICT=y
	is '... but not when it is restricted' "$(guest "$ask; ifconfig eth0 | grep -c 10.0.2.15")" 1
	kill "$server"
	wait "$server" 2>/dev/null
}

test_hugepages()
{
	local free=/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages

	machine VM_HUGEPAGES=y VM_MEMORY=64
	if [ "$(cat $free)" -ge 32 ]; then
		vm start
		is 'the memory is in huge pages' "$(awk '/^HugetlbPages/ { print $2 }' "/proc/$(qemu_pid)/status")" 65536
		vm stop
		return
	fi
	guest true 2>"$tmp/ignored"
	is 'without huge pages the machine is not started' $? 125
	ok '... and what to do is said' grep -q 'the machine needs 32; root sets them aside with: echo 32 >' "$tmp/said"
}

test_disks()
{
	local file=$lab/vm/disks

	machine VM_HAS_DISKS=y VM_DISKS='one,size=16M,kept,serial=first two,size=16M,ro,kept three,size=16M four,size=16M,kept,discard'
	echo 'what the host wrote' | dd of="$file/two" conv=notrunc status=none
	is 'disks are there, in their order' "$(guest 'for d in a b c d; do cat /sys/block/vd$d/serial; echo; done')" \
		$'first\ntwo\nthree\nfour'
	is 'they are read and written' "$(guest 'head -n 1 /dev/vdb
		for d in a b c d; do (echo "from the guest" | dd of=/dev/vd$d conv=notrunc,fsync 2>/dev/null) && echo written; done')" \
		$'what the host wrote\nwritten\nwritten\nwritten'
	is 'what the guest wrote is kept, or not, as the menu says' \
		"$(for d in one two three four; do head -c 14 "$file/$d" | tr -d '\0'; echo; done)" \
		$'from the guest\nwhat the host \n\nfrom the guest'
	guest 'dd if=/dev/urandom of=/dev/vdd bs=1M count=8 conv=fsync 2>/dev/null'
	local before after
	before=$(du -k "$file/four" | cut -f 1)
	guest 'blkdiscard /dev/vdd'
	after=$(du -k "$file/four" | cut -f 1)
	ok "what it discards is freed on the host ($before KiB, then $after)" [ "$after" -lt $((before - 7000)) ]
	recipes/vm/disks "$lab/include/config/auto.conf" "$file"
	is 'make leaves the disks that there are' "$(head -c 14 "$file/one")" 'from the guest'
	machine VM_HAS_DISKS=y VM_DISKS="$tmp/nowhere"
	guest true 2>"$tmp/ignored"
	is 'a disk that is not there ends it' $? 125
	ok '... in a sentence' grep -qx "vm: the disk $tmp/nowhere of CONFIG_VM_DISKS: No such file or directory" "$tmp/said"
}

test_killed()
{
	machine VM_HAS_DISKS=y VM_DISKS_EXT4=y VM_DISKS='data,size=32M,kept'
	rm -f "$tmp/up"
	vm run -- sh -c 'mount -t ext4 /dev/vda /mnt && echo safe >/mnt/safe && sync && echo up
		i=0; while :; do i=$((i + 1)); echo $i >/mnt/$((i % 50)); [ $i != 100 ] || echo busy; done' >"$tmp/up" 2>"$tmp/ignored" &
	until_true grep -qs busy "$tmp/up"
	kill -KILL "$(qemu_pid)"
	wait $!
	is 'after QEMU was killed the disk has what was safe' "$(guest 'mount -t ext4 /dev/vda /mnt && cat /mnt/safe; umount /mnt')" safe
	ok '... and is clean' e2fsck -fn "$lab/vm/disks/data"
}

test_shares()
{
	mkdir -p "$tmp/read" "$tmp/write"
	echo 'from the host' >"$tmp/read/file"
	machine VM_SHARES="$tmp/read,/mnt/read $tmp/write,/srv/a/b,rw"
	is 'folders of the host are there' "$(guest 'cat /mnt/read/file; echo no >/mnt/read/file; echo yes >/srv/a/b/file; cat /srv/a/b/file' 2>"$tmp/ignored")" \
		$'from the host\nyes'
	is 'what the guest writes is, too, where it may' "$(cat "$tmp/read/file" "$tmp/write/file"; stat -c %u "$tmp/write/file")" \
		"from the host"$'\n'"yes"$'\n'"$(id -u)"
	machine VM_SHARES="$tmp/read/file,/mnt"
	guest true 2>"$tmp/ignored"
	is 'a file in place of a folder is told' "$(cat "$tmp/said")" "vm: the folder $tmp/read/file of CONFIG_VM_SHARES: Not a directory"
}

# The same by virtiofs.  Nobody can write through a mount that the host has read-only.
test_virtiofs()
{
	local program

	program=$(PATH=$PATH:/usr/libexec:/usr/lib/qemu:/usr/lib command -v virtiofsd) &&
		recipes/debian/as-root true 2>/dev/null || return 0
	mkdir -p "$tmp/read" "$tmp/write"
	echo 'from the host' >"$tmp/read/file"
	rm -f "$tmp/write/file"
	machine VM_VIRTIOFS=y VM_VIRTIOFSD="$program" VM_SHARES="$tmp/read,/mnt/read $tmp/write,/srv/a/b,rw"
	is 'virtiofs: folders of the host are there' "$(guest 'grep -c " virtiofs " /proc/mounts; cat /mnt/read/file; echo yes >/srv/a/b/file; cat /srv/a/b/file')" \
		$'2\nfrom the host\nyes'
	is '... for those who may not write, whatever they try' \
		"$(guest 'mount -o remount,rw /mnt/read; echo no >/mnt/read/file; echo no >/mnt/read/other; rm /mnt/read/file' 2>"$tmp/ignored"
			cat "$tmp/read/"*)" 'from the host'
	is '... and for those who may, as the user' "$(cat "$tmp/write/file"; stat -c %u "$tmp/write/file")" "yes"$'\n'"$(id -u)"
	vm start
	echo 'while it runs' >"$tmp/write/file"
	is '... with what changes' "$(vm exec -- cat /srv/a/b/file)" 'while it runs'
	kill -KILL "$(qemu_pid)"
	alone() { ! pgrep -f "bwrap.* $tmp/write" >/dev/null; }
	ok '... and their servers end with QEMU' until_true alone
}

test_scsi()
{
	machine VM_HAS_DISKS=y VM_SCSI=y VM_DISKS_SCSI='s1,size=16M,kept s2,size=16M,ro'
	is 'SCSI disks are written, and one is not' "$(guest 'for d in a b; do (echo "by SCSI" | dd of=/dev/sd$d conv=notrunc,fsync 2>/dev/null) && echo written; done; cat /sys/block/sdb/ro')" \
		$'written\n1'
	is '... for good' "$(head -c 7 "$lab/vm/disks/s1")" 'by SCSI'
}

test_nvme()
{
	machine q35 VM_HAS_DISKS=y VM_NVME=y VM_DISKS_NVME='n1,size=16M,kept,serial=drive'
	is 'an NVMe drive is written' "$(guest 'echo "by NVMe" | dd of=/dev/nvme0n1 conv=notrunc,fsync 2>/dev/null; tr -d " " </sys/class/nvme/nvme0/serial')" \
		'drive'
	is '... for good' "$(head -c 7 "$lab/vm/disks/n1")" 'by NVMe'
}

test_numa()
{
	machine q35 VM_CPUS=2 VM_NODES=2 VM_NUMA=y
	is 'there are two nodes, with a processor and memory each' \
		"$(guest 'cat /sys/devices/system/node/online
			for n in 0 1; do cat /sys/devices/system/node/node$n/cpulist; awk "/MemTotal/ { print (\$4 > 80000) }" /sys/devices/system/node/node$n/meminfo; done')" \
		$'0-1\n0\n1\n1\n1'
}

mem()
{
	vm exec -- awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo
}

test_memory()
{
	local before

	machine q35 VM_MEMORY_MORE=512 VM_MEM=y
	vm start
	before=$(mem)
	vm monitor 'qom-set more requested-size 256M'
	more() { [ "$(mem)" -ge $((before + 250)) ]; }
	ok 'memory is added while it runs' until_true more
	ok '... and used' vm exec -- sh -c "mkdir /big && mount -t tmpfs -o size=90% big /big &&
		dd if=/dev/zero of=/big/big bs=1M count=$((before + 50))"
	vm exec -- umount /big
	vm monitor 'qom-set more requested-size 0'
	back() { [ "$(mem)" -le $((before + 8)) ]; }
	ok '... and taken away' until_true back
	vm stop
}

test_no_screen()
{
	machine
	vm start
	vm screenshot "$tmp/none.png" 2>"$tmp/said"
	is 'without a screen there is no picture, and a sentence' "$? $(grep -c 'QEMU wrote no screenshot: ' "$tmp/said")" '1 1'
	ok 'the monitor answers' grep -q 'running' <(vm monitor 'info status')
	vm monitor 'no-such-command' >"$tmp/ignored" 2>&1
	is '... and refuses' $? 1
	is '... who ask at once are answered one after the other' \
		"$(for ((i = 0; i < 30; i++)); do vm monitor 'info status' 2>&1 & done | grep -c running)" 30
	vm stop
}

test_full()
{
	local slots name better

	read -r _ slots name _ < <(processor "machine_$(kind_of device)")
	read -r _ _ better _ < <(processor "machine_$(kind_of pci)")
	machine VM_SHARES="$(printf '/,/mnt/%s ' $(seq $((slots - 2))))"
	guest true 2>"$tmp/ignored"
	is "more than $name can have is told" "$? $(cat "$tmp/said")" \
		"125 vm: $name has room for $slots virtio devices and this machine has $((slots + 1)); choose $better in the menu (CONFIG_$(kind_of pci))"
}

test_cpu
test_ports
test_net
test_hugepages
test_no_screen
! has VIRTIO_MMIO || test_full
! has VIRTIO_BLK || test_disks
! has VIRTIO_BLK EXT4_FS || test_killed
! has 9P_FS || test_shares
! has VIRTIO_FS || test_virtiofs
! has SCSI_VIRTIO || test_scsi
if has VIRTIO_PCI; then
	! has BLK_DEV_NVME || test_nvme
	! has NUMA || test_numa
	! has VIRTIO_MEM || test_memory
fi

finish
