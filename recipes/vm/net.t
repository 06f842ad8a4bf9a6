#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The network is up in every machine: booted, restored, started, for a command; what
# becomes of the root's own files, and of its own init's wishes.
#
# Needs: lab
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_NET INET
mkdir "$tmp/web"

# A server on this host's loopback device, which the guest sees as 10.0.2.2
echo 'the host greets' >"$tmp/web/page"
src/test/lib/webserver "$tmp/web" "$tmp/port" >"$tmp/ignored" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
until_true test -s "$tmp/port" || exit 1
port=$(<"$tmp/port")
ask="ifconfig lo | grep -o 127.0.0.1
	ifconfig eth0 | grep -o 'addr:10.0.2.15.*'
	cat /etc/resolv.conf
	wget -qO- http://10.0.2.2:$port/good/page"
answer='127.0.0.1
addr:10.0.2.15  Bcast:10.0.2.255  Mask:255.255.255.0
nameserver 10.0.2.3
the host greets'

test_machines()
{
	own_root
	machine VM_STATES=1
	is 'a machine for a command has the network' "$(guest "$ask")" "$answer"
	is '... and says nothing' "$(<"$tmp/said")" ''
	is '... so has one that goes on' "$(guest "$ask; exit")$(sed -n 's/^  "start": "\(.*\)",/ \1/p' "$lab/vm/last/result.json")" \
		"$answer state"
	vm start
	is '... and one that was started, at once' "$(vm exec -- sh -c "$ask")" "$answer"
	vm stop
	machine VM_NET=n
	is 'without a card nothing happens, and nothing is said' \
		"$(guest 'ifconfig lo | grep -o 127.0.0.1; ls /sys/class/net; dmesg | grep "] init:"; cat /etc/resolv.conf 2>/dev/null')" \
		$'127.0.0.1\nlo'
}

# Whatever is first, the lab's card has its address.
test_other()
{
	local where=device

	has VIRTIO_MMIO || where=pci
	machine "VM_QEMU_ARGS=-netdev user,id=mine,net=192.0.2.0/24 -device virtio-net-$where,netdev=mine"
	is 'a card on another network is told' \
		"$(guest 'ifconfig -a | grep -c ^eth; dmesg | grep -c "init: eth. is on a network of yours"; wget -qO- http://10.0.2.2:'"$port/good/page")" \
		$'2\n1\nthe host greets'
	is '... and gets its address when it is asked for' \
		"$(guest 'card=$(dmesg | sed -n "s/.*init: \(eth.\) is.*/\1/p"); /etc/init.d/network $card >/dev/null 2>&1
			ifconfig $card | grep -o addr:192.0.2.15')" addr:192.0.2.15
}

test_resolver()
{
	echo 'nameserver 192.0.2.1' >"$tmp/resolv"
	own_root "file /etc/resolv.conf $tmp/resolv 644 0 0"
	machine
	is 'the name server is that of the network' "$(guest 'cat /etc/resolv.conf; umount /etc/resolv.conf 2>&1')" \
		$'nameserver 10.0.2.3\numount: can'\''t unmount /etc/resolv.conf: Invalid argument'
	machine VM_APPEND=KILN_NET=52:54:00:6b:6c:6e,kept
	is "where changes are kept, the root's own is covered, not changed" \
		"$(guest 'cat /etc/resolv.conf; umount /etc/resolv.conf && cat /etc/resolv.conf; ls -A /dev | grep kiln')" \
		$'nameserver 10.0.2.3\nnameserver 192.0.2.1'
	own_root 'slink /etc/resolv.conf ../run/resolver/file 777 0 0' 'dir /kiln 755 0 0' \
		"file /kiln/init $LAB/guest/init 755 0 0"
	machine "VM_APPEND=rdinit=/kiln/init KILN_NET=52:54:00:6b:6c:6e,kept"
	is '... a link that leads nowhere, too' \
		"$(guest 'cat /etc/resolv.conf; umount /etc/resolv.conf; readlink /etc/resolv.conf')" \
		$'nameserver 10.0.2.3\n../run/resolver/file'
	machine
	vm start
	is '... but not if an init is started that may make it' "$(vm exec -- readlink /etc/resolv.conf)" ../run/resolver/file
	vm stop
}

# As ifup does it, which stops at the first error.
test_own()
{
	printf '%s\n' 'auto eth0' 'iface eth0 inet static' >"$tmp/interfaces"
	cat >"$tmp/up" <<-'END'
		#!/bin/sh
		set -e
		ip addr add 10.0.2.15/24 dev eth0
		ip link set eth0 up
		ip route add default via 10.0.2.2
		echo nameserver 192.0.2.7 >/etc/resolv.conf
		echo done >/tmp/own
	END
	own_root "file /etc/init.d/S40own $tmp/up 755 0 0" 'dir /etc/network 755 0 0' \
		"file /etc/network/interfaces $tmp/interfaces 644 0 0"
	machine
	vm start
	is "the root's own init has the last word" "$(vm exec -- sh -c 'cat /tmp/own /etc/resolv.conf')" \
		$'done\nnameserver 192.0.2.7'
	vm stop
	is '... in a machine for a command, too' "$(guest 'cat /tmp/own /etc/resolv.conf')" $'done\nnameserver 192.0.2.7'
}

test_machines
test_other
test_resolver
test_own
finish
