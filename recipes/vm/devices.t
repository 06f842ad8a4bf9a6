#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The devices of the menu, each used in the guest.  A device whose driver the
# kernel lacks is left out: `make check` has this lab's kernel, or that of roots.t if
# it is there, `make check-devices` one with all of them.
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
PATH=$PATH:/usr/sbin:/sbin
[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'
grep -qx CONFIG_ROOTFS_INITRAMFS=y "$LAB/include/config/auto.conf" || skip_all 'its root is not in the initramfs'

# The machine is another lab, of the same files.
kernel=$LAB/linux
[ ! -e "$LAB/check/roots/linux/vmlinux.stripped" ] || kernel=$LAB/check/roots/linux
lab=$tmp/lab
mkdir -p "$lab"/{vm,include/config}
ln -s "$kernel" "$lab/linux"
ln -s "$LAB/rootfs" "$lab/rootfs"
ln -s "$LAB/host" "$lab/host"
cp "$LAB"/vm/{splats,allowed,decode} "$lab/vm/"

# has OPTION... - in the kernel
has()
{
	local option

	for option; do
		grep -qx "CONFIG_$option=y" "$kernel/build/.config" || return
	done
}

# machine LINE... - a machine with these lines in its configuration: microvm if the
# kernel has what that needs, or q35 if the first line says so
machine()
{
	local kind=MICROVM

	has VIRTIO_MMIO || kind=Q35
	if [ "${1-}" = q35 ]; then
		kind=Q35
		shift
	fi
	printf 'CONFIG_%s\n' VM_$kind=y VM_ACCEL_TCG=y VM_CPUS=1 VM_MEMORY=256 VM_NET=y VM_RNG=y VM_STATES=0 \
		VM_BOOT_TIMEOUT=100 VM_QEMU=qemu-system-x86_64 ROOTFS_INITRAMFS=y "$@" >"$lab/include/config/auto.conf"
	recipes/vm/disks "$lab/include/config/auto.conf" "$lab/vm/disks"
}

vm()
{
	timeout -k 1 150 "$LAB/host/vm" -O "$lab" "$@"
}

# guest COMMAND - prints what it says in a machine of its own
guest()
{
	vm -t 120 run -- sh -c "$1" 2>"$tmp/said" </dev/null || {
		local status=$?

		sed 's/^/# /' "$tmp/said" >&2
		return $status
	}
}

# start - a machine that stays, when its init has mounted what commands need
start()
{
	vm start
	until_true vm exec -- test -e /proc/mounts -a -e /dev/null
}

# until_true COMMAND... - some minutes at most, on a busy machine
until_true()
{
	local i

	for ((i = 0; i < 1200; i++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

outcome()
{
	sed -n 's/^  "outcome": "\(.*\)",/\1/p' "$lab/vm/last/result.json"
}

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

qemu_pid()
{
	vm status | awk '$1 == "qemu_pid" { print $2 }'
}

test_cpu()
{
	machine VM_CPU=core2duo
	is 'the processor is of the model that the menu says' "$(guest "sed -n 's/^model name.*: //p' /proc/cpuinfo")" \
		'Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz'
}

test_rng()
{
	machine
	is 'random numbers come from the host' "$(guest 'cat /sys/class/misc/hw_random/rng_current; head -c 16 /dev/hwrng | wc -c')" \
		$'virtio_rng.0\n16'
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
	is 'a port has its name, and carries both ways' "$(talk "$lab/vm/port-log" one)" 'the guest has one'
	is 'so does another' "$(talk "$lab/vm/port-control" two)" 'the guest has two'
	is 'and a second console' "$(talk "$lab/vm/hvc0" three)" 'the guest has three'
	wait $!
}

# The host's greeting, seen by the guest, and the guest's by the host
test_net()
{
	local port inner=/etc/init.d/network

	port=$(free_port)
	machine VM_NET_FORWARD="$port:80"
	rm -f "$tmp/up"
	guest "$inner >/dev/null 2>&1; echo up; echo 'the guest greets' | nc -l -p 80" >"$tmp/up" &
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
	start
	vm exec -- sh -c "$inner >/dev/null 2>&1; echo 'the guest greets' | nc -l -p 80" &
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
	local ask="$inner >/dev/null 2>&1; nc -w 3 10.0.2.2 $port </dev/null; true"
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
		i=0; while :; do i=$((i + 1)); echo $i >/mnt/$((i % 50)); done' >"$tmp/up" 2>"$tmp/ignored" &
	until_true grep -qs up "$tmp/up"
	sleep 0.5
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

rss()
{
	awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$(qemu_pid)/status"
}

# less THAN - is the resident memory that small?
less()
{
	after=$(rss)
	[ "$after" -lt "$1" ]
}

test_balloon()
{
	local before after=

	machine VM_BALLOON=y
	start
	vm exec -- sh -c 'mkdir /big && mount -t tmpfs -o size=90% big /big &&
		dd if=/dev/urandom of=/big/big bs=1M count=120' 2>"$tmp/ignored"
	before=$(rss)
	vm exec -- rm /big/big
	until_true less $((before - 80))
	ok "memory that the guest frees comes back ($before MiB, then $after)" [ "$after" -lt $((before - 80)) ]
	vm monitor 'balloon 100' >"$tmp/ignored"
	small() { vm monitor 'info balloon' | grep -q 'actual=100'; }
	ok 'and on demand' until_true small
	ok 'the guest has less then' [ "$(vm exec -- awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" -lt 100 ]
	vm stop
}

test_watchdog()
{
	machine VM_WATCHDOG=y VM_APPEND=ib700wdt.timeout=4
	is 'a watchdog that is fed does nothing' "$(guest 'exec 3>/dev/watchdog; for i in 1 2 3 4 5 6; do echo >&3; sleep 1; done; echo alive; printf V >&3')" alive
	vm -t 120 run -- sh -c 'echo >/dev/watchdog; sleep 100' 2>"$tmp/said"
	is 'one that is not ends the run' "$? $(outcome)" '255 watchdog'
	ok '... with a sentence' grep -q 'the watchdog expired: no program of the guest fed it in time' "$tmp/said"
}

# The kernel's words do not reach anybody.
test_pvpanic()
{
	machine q35 VM_PVPANIC=y
	vm -t 120 run -- sh -c 'echo N >/sys/class/tty/ttyS0/console; echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger' 2>"$tmp/said"
	is 'a panic is told by the device alone' "$? $(outcome)" '255 panicked'
	is '... for the console knows nothing of it' "$(grep -c 'Kernel panic' "$lab/vm/last/console.log")" 0
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

# What the disk reads goes through the IOMMU.
test_iommu()
{
	machine q35 VM_IOMMU=y VM_HAS_DISKS=y VM_NVME=y VM_DISKS_NVME='n1,size=16M,kept'
	is 'a drive behind the IOMMU is read by mapped DMA' \
		"$(guest 'head -c 7 /dev/nvme0n1; echo; cat /sys/class/nvme/nvme0/device/iommu_group/type | cut -c 1-3')" $'by NVMe\nDMA'
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
	start
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

test_crypto()
{
	machine VM_CRYPTO=y
	musl-gcc -static -O2 -Wall -o "$tmp/aes" src/test/guest-aes.c || return
	is 'the crypto device computes AES as FIPS-197 has it' \
		"$(vm -t 120 run -- sh -c 'cat >/tmp/aes; chmod +x /tmp/aes; /tmp/aes virtio_crypto_aes_cbc' <"$tmp/aes" 2>"$tmp/said")" \
		69c4e0d86a7b0430d8cdb78070b4c55a
}

# pixels FILE - how many a ppm has that are not black, and of how many colours
pixels()
{
	perl -e '
		local $/; open my $file, "<:raw", $ARGV[0] or exit 1;
		my ($width, $height, $data) = <$file> =~ /^P6\s+(\d+)\s+(\d+)\s+255\s(.*)/s or exit 1;
		my %seen; $seen{substr $data, 3 * $_, 3}++ for 0 .. $width * $height - 1;
		print $width * $height - ($seen{"\0\0\0"} // 0), " ", scalar keys %seen, "\n";' "$1"
}

test_screen()
{
	machine VM_GPU=y VM_INPUT=y
	start
	local dark
	vm exec -- sh -c 'printf "\033[2J" >/dev/tty0'
	ok 'there is a picture of the screen' vm screenshot "$tmp/empty.ppm"
	read -r dark _ < <(pixels "$tmp/empty.ppm")
	vm exec -- sh -c 'echo "the guest draws what one can read" >/dev/tty0'
	# What is drawn shows a moment later.
	has_text() { vm screenshot "$tmp/text.ppm" && [ "$(pixels "$tmp/text.ppm" | cut -d ' ' -f 1)" -gt $((dark + 500)) ]; }
	ok 'with the text on it' until_true has_text
	vm exec -- sh -c 'head -c 300000 /dev/urandom >/dev/fb0'
	has_noise() { vm screenshot "$tmp/noise.ppm" && [ "$(pixels "$tmp/noise.ppm" | cut -d ' ' -f 2)" -gt 1000 ]; }
	ok 'and what a program draws' until_true has_noise
	vm screenshot "$tmp/noise.png"
	is 'or as png' "$(head -c 4 "$tmp/noise.png" | tail -c 3)" PNG
	ok 'a screen cannot be written to no folder' test "$(vm screenshot "$tmp/none/x.png" 2>&1)"

	vm exec -- sh -c 'for e in /sys/class/input/event*; do
		grep -q Keyboard $e/device/name && dd if=/dev/input/${e##*/} bs=24 count=1 2>/dev/null | od -An -tu2 -j 16 -N 6; done' >"$tmp/keys" &
	local reader=$!
	key() { vm monitor 'sendkey a' >/dev/null; [ -s "$tmp/keys" ]; }
	until_true key
	wait $reader
	# type EV_KEY, code KEY_A, pressed
	is 'a key that is typed arrives' "$(tr -s ' ' <"$tmp/keys")" ' 1 30 1'
	vm stop
}

test_no_screen()
{
	machine
	vm start
	vm screenshot "$tmp/none.png" 2>"$tmp/said"
	is 'without a screen there is no picture, and a sentence' "$? $(grep -c 'QEMU writes no picture: ' "$tmp/said")" '1 1'
	ok 'the monitor answers' grep -q 'running' <(vm monitor 'info status')
	vm monitor 'no-such-command' >"$tmp/ignored" 2>&1
	is '... and refuses' $? 1
	vm stop
}

test_edu()
{
	cp -r recipes/vm/edu "$tmp/edu"
	make -C "$kernel/build" M="$tmp/edu" modules >"$tmp/log" 2>&1 || {
		sed 's/^/# /' "$tmp/log"
		result 1 'the driver of edu can be built'
		return
	}
	machine q35 VM_EDU=y
	is 'edu computes a factorial, and interrupts' \
		"$(vm -t 120 run -- sh -c 'cat >/tmp/edu.ko; insmod /tmp/edu.ko; cd /sys/kernel/debug/edu; echo 5 >factorial && cat factorial; dmesg | grep -o "edu.*version.*"' \
			<"$tmp/edu/edu.ko" 2>"$tmp/said" | sed 's/edu [0-9:.]*:/edu:/')" \
		$'120\nedu: version 0x10000ed'
}

test_sound()
{
	machine q35 VM_SOUND=y
	rm -f "$lab/vm/sound.wav"
	is 'a sound card is there' "$(guest 'head -c 64000 /dev/urandom >/dev/dsp; grep -c HDA-Intel /proc/asound/cards')" 1
	ok '... and what is played is on the host' [ "$(tr -d '\0' <"$lab/vm/sound.wav" | wc -c)" -gt 1000 ]
}

test_full()
{
	machine VM_SHARES="$(printf '/,/mnt/%s ' 1 2 3 4 5 6)"
	guest true 2>"$tmp/ignored"
	is 'more than microvm can have is told' "$? $(cat "$tmp/said")" \
		'125 vm: microvm has room for 8 virtio devices and this machine has 9; choose q35 in the menu (CONFIG_VM_Q35)'
}

test_cpu
test_rng
test_ports
test_net
test_hugepages
test_no_screen
! has VIRTIO_MMIO || test_full
! has VIRTIO_BLK || test_disks
! has VIRTIO_BLK EXT4_FS || test_killed
! has 9P_FS || test_shares
! has VIRTIO_FS || test_virtiofs
! has VIRTIO_BALLOON || test_balloon
! has IB700_WDT || test_watchdog
! has SCSI_VIRTIO || test_scsi
! has CRYPTO_DEV_VIRTIO || test_crypto
! has DRM_VIRTIO_GPU VIRTIO_INPUT || test_screen
if has VIRTIO_PCI; then
	! has PVPANIC_PCI MAGIC_SYSRQ || test_pvpanic
	! has BLK_DEV_NVME || test_nvme
	! has BLK_DEV_NVME VIRTIO_IOMMU || test_iommu
	! has NUMA || test_numa
	! has VIRTIO_MEM || test_memory
	! has MODULES || test_edu
	! has SND_HDA_INTEL || test_sound
fi

finish
