#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines of one lab side by side, and what their runs leave, with a fake QEMU.
#
# Needs: fakes

# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

runs=$lab/vm/runs

# side_by_side COUNT - so many commands at once; prints what each gives back
side_by_side()
{
	local i pids=()

	for ((i = 1; i <= $1; i++)); do
		"$VM" -O "$lab" run -- sh -c 'read line; echo $line; exit $line' \
			<<<"$i" >"$tmp/out.$i" 2>"$tmp/err.$i" &
		pids[i]=$!
	done
	for ((i = 1; i <= $1; i++)); do
		wait "${pids[i]}"
		echo "$i: $? $(cat "$tmp/out.$i" "$tmp/err.$i")"
	done
}

# wanted COUNT - what it should print
wanted()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		echo "$i: $i $i"
	done
}

# starts - how the machines began, of all runs that are kept
starts()
{
	cat "$runs"/*/result.json | sed -n 's/^  "start": "\(.*\)",/\1/p' | sort | uniq -c | xargs
}

test_at_once()
{
	configure $tcg VM_STATES=3 VM_RUNS=10
	is 'six commands at once: each has its own machine' "$(side_by_side 6)" "$(wanted 6)"
	is '... one boots, and the others wait for what it saves' "$(starts)" '1 boot 5 state'
	is '... and each result is kept' "$(find "$runs" -name result.json | wc -l)" 6

	vm start
	is 'beside a machine that goes on' "$(side_by_side 6)" "$(wanted 6)"
	vm exec -- echo here
	is '... which is still the one that others find' "$status $(<"$tmp/out")" '0 here'
	vm stop
	for i in {1..20}; do
		vm run -- true || break
	done
	is 'twenty one after the other leave nothing' "$status $(left_over)" '0 '
	is '... but as many results as the menu has' "$(find "$runs" -name result.json | wc -l)" 10
	ok '... and no machine' none_lives
}

test_names()
{
	configure $tcg VM_RUNS=2
	FAKE_TCG=panic vm run -- true
	run=$(sed -n 's/^vm: all about it is in //p' "$tmp/err")
	is 'a run that fails names its folder' "$(grep -c '"outcome": "panicked"' "$run/result.json")" 1
	is '... which vm/last is, too' "$(realpath "$lab/vm/last")" "$(realpath "$run")"

	start run -- sleep 1000
	is 'a run has its process in its name' "$(cat "/proc/$pid/comm")" vm
	first=$(realpath "$lab/vm/last")
	"$VM" -w "$lab/vm/last" exec -- echo here >"$tmp/out"
	is 'a command can be looked at where it runs' "$(<"$tmp/out")" here
	for i in 1 2 3; do
		vm run -- true
	done
	ok 'one that is not over is kept, however many come' test -S "$first/control"
	kill -TERM "$pid"
	next_event
	is '... and has its result at its end' "$(grep -c '"outcome": "interrupted"' "$first/result.json")" 1

	configure $tcg VM_RUNS=10
	rm "$lab/vm/last"
	mkdir "$lab/vm/last"
	echo of old >"$lab/vm/last/result.json"
	vm run -- true
	is 'a folder of old is the oldest run' "$status $(cat "$runs/0/result.json")" '0 of old'
}

# single SENTENCE LINE... - two machines at once with these lines of the configuration
single()
{
	local what=$1

	shift
	configure $tcg "$@"
	start run -- sleep 1000
	vm run -- true
	is "only one: $what" "$status" 125
	ok '... which is said, and who has it' said_once "vm: $what, so only one machine can run, and process $pid "
	kill -TERM "$pid"
	next_event
	vm run -- true
	is '... and the next one has it then' "$status" 0
}

test_single()
{
	: >"$tmp/disk"
	truncate -s 1M "$tmp/disk"
	single 'VM_NET_FORWARD leads port 2222 of this host to it' VM_NET=y 'VM_NET_FORWARD=udp:2222:22'
	single 'VM_DISKS has a disk that keeps what is written to it' "VM_DISKS=$tmp/disk,kept"
	single 'VM_VSOCK has a number that one machine can have' VM_VSOCK=y VM_VSOCK_CID=7
	: >"$lab/rootfs/disk"
	single 'ROOTFS_KEPT keeps what is written to the root' ROOTFS_IS_DISK=y ROOTFS_KEPT=y \
		ROOTFS_INIT=/sbin/init ROOTFS_DISK_ROOT=/dev/vda
}

# Who waits while another one is saved: it ends, or is killed, or the one that waits is.
test_waiting()
{
	configure $tcg VM_STATES=3 VM_RUNS=10
	for sig in KILL TERM; do
		rm -rf "$lab/vm/state"
		FAKE_TCG=save-slow start run -- true
		first=$pid
		next_event
		is 'a machine is being saved' "$event" saving
		"$VM" -O "$lab" run -- echo here >"$tmp/out" 2>"$tmp/err" &
		second=$!
		await waits "$second"
		if [ $sig = KILL ]; then
			kill -KILL "$first"
			wait $second
			is 'it is killed: who waits boots' "$? $(<"$tmp/out")$(<"$tmp/err")" '0 here'
		else
			kill -TERM "$second"
			wait $second
			is 'who waits can be ended' $? 143
			kill -KILL "$first"
		fi
		next_event
		all_gone
		released
		is '... and nothing is left' "$(left_over)" ''
	done
}

# waits PROCESS - does a child of it wait for a lock?
waits()
{
	local child

	child=$(pgrep -P "$1" -x vm) && grep -q -e "-> FLOCK .* $child " /proc/locks
}

test_at_once
test_names
test_single
test_waiting
finish
