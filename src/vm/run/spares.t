#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines that wait for the next command, with a fake QEMU: that each serves once, has
# nothing of whom it was started by, and that without them a run is as good as ever.
#
# Needs: fakes
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

spares=$lab/vm/spares

# begins WAY WHAT - runs a command, which must succeed in a machine that began so
begins()
{
	vm run -- sh -c 'echo it runs; exit 7'
	is "$2" "$status $(of_result start) $(cat "$tmp/out")" "7 $1 it runs"
}

# waiting - the folders of the spares there are
waiting()
{
	find "$spares" -mindepth 1 -maxdepth 1 2>/dev/null
}

# has COUNT - are so many spares there?
has()
{
	[ "$(waiting | wc -l)" = "$1" ]
}

# waiter - the process of the spare that was made last, once it stands still
waiter()
{
	local pid

	pid=$(tail -n 1 "$FAKE/stopped") && [ "$(readlink "/proc/$pid/cwd")" = "$(waiting)" ] && echo "$pid"
}

# with LINE... - configured so, with no spare and one state
with()
{
	vm stop
	configure $tcg VM_STATES=2 VM_SPARES_SECONDS=600 "$@"
}

# keepers - the processes that keep spares of this lab
keepers()
{
	local pid

	for pid in $(pgrep -x vm-keeper); do
		readlink "/proc/$pid/fd/"* 2>/dev/null | grep -qF "$spares/" && echo "$pid"
	done
}

test_one()
{
	with VM_SPARES=0
	begins boot 'without spares: the first command boots'
	begins state '... and the second goes on from the state'
	ok '... and nobody waits' has 0

	with VM_SPARES=1
	begins state 'with one: the first command finds none'
	ok '... and leaves one, without a word' [ ! -s "$tmp/err" ]
	ok '... in its folder' has 1
	begins spare 'the next one has it'
	ok '... without a word' [ ! -s "$tmp/err" ]
	is '... in the folder of its run' "$(cd "$lab/vm/last" && echo *)" 'console.log reproduce.sh result.json'
	for i in {1..10}; do
		vm run -- sh -c "read line; echo \$line; exit $i"
		# One that is still being made is waited for, but not for ever.
		[[ "$status $(of_result start)" == "$i "@(spare|state) ]] || break
	done
	is 'ten can come one right behind the other' "$i $status" '10 10'
	ok '... and there is one at the end' has 1
	FAKE_TCG=ok vm run
	is 'a person has a machine of his own' "$(of_result start)" boot
	vm run --fresh=boot -- true
	is '... and so has who wants to boot' "$(of_result start)" boot
	ok '... and the spare waits on' has 1
}

# What the caller has is not kept: who waits for the end of a pipe gets it.
test_apart()
{
	local pid one

	with VM_SPARES=1
	: >"$tmp/mine"
	timeout 60 "$VM" -O "$lab" run -- echo through a pipe </dev/null 2>&1 9<"$tmp/mine" | cat >"$tmp/out"
	is 'a pipe to the run ends with it' "$(<"$tmp/out")" 'through a pipe'
	one=$(await waiter)
	pid=$(keepers)
	ok '... while the spare has a keeper' [ -n "$pid" ]
	ok '... in a session of its own' [ "$(ps -o sess= -p "$pid")" -eq "$pid" ]
	is '... without a terminal' "$(ps -o tty= -p "$pid")" '?'
	is '... nor a file of ours' "$(find "/proc/$pid/fd" "/proc/$one/fd" -lname "$tmp/mine")" ''
	is '... nor our folder' "$(readlink "/proc/$pid/cwd")" /
	is '... and goes first where memory is short' "$(cat "/proc/$pid/oom_score_adj")" 1000
	is '... for the user alone' "$(stat -c %a "$spares")" 700
	vm run -- sh -c 'cat "/proc/$(ps -o ppid= $PPID | xargs)/oom_score_adj"'
	is '... until it is taken' "$(<"$tmp/out") $(of_result start)" "$(cat /proc/self/oom_score_adj) spare"
}

# side_by_side COUNT - so many commands at once; prints the agent that each had
side_by_side()
{
	local i pids=()

	for ((i = 1; i <= $1; i++)); do
		"$VM" -O "$lab" run -- sh -c 'read line; echo $PPID; exit $line' \
			<<<"$i" >"$tmp/out.$i" 2>"$tmp/err.$i" &
		pids[i]=$!
	done
	for ((i = 1; i <= $1; i++)); do
		wait "${pids[i]}"
		[ $? = $i ] && cat "$tmp/out.$i" "$tmp/err.$i"
	done
}

test_once()
{
	with VM_SPARES=2
	vm run -- true
	ok 'as many wait as the menu asks for' has 2
	for i in 1 2 3; do
		side_by_side 4
	done >"$tmp/agents"
	is 'four at once, three times: each has a machine of its own' \
		"$(wc -l <"$tmp/agents") $(sort -u "$tmp/agents" | wc -l)" '12 12'
	ok '... and no more wait than before' has 2
	with VM_SPARES=1
	vm run -- true
	ok 'less when the menu says so' has 1
	configure $tcg VM_STATES=2 VM_SPARES=0
	vm run -- true
	is '... and none at 0' "$(of_result start) $(waiting)" 'state '
}

test_time()
{
	with VM_SPARES=1 VM_SPARES_SECONDS=1
	vm run -- true
	ok 'a spare that nobody wants ends itself' all_gone
	ok '... and its folder goes' await has 0
	begins state '... and the next run does without'
	vm stop
	is 'vm stop ends it' "$status $(waiting)" '0 '
	vm run -- true
	vm drop
	is '... vm drop does' "$status $(waiting)" '0 '
	vm run -- true
	rm -rf "$spares"
	ok '... so does who removes its folder' all_gone
}

# changed WHAT COMMAND... - the spare that there is does not serve after that
changed()
{
	local one

	vm run -- true
	one=$(await waiter)
	"${@:2}"
	vm run -- sh -c 'ps -o ppid= $PPID'
	is "$1: the spare that waits is not used" "$status $(grep -cw "$one" "$tmp/out")" '0 0'
	ok '... but ended' await gone "$one"
}

gone()
{
	! kill -0 "$1"
}

add_to()
{
	echo another >>"$1"
}

another_qemu()
{
	cp "$fake_qemu" "$qemu.new"
	mv "$qemu.new" "$qemu"
}

another_folder()
{
	mkdir "$lab/modules.new"
	rmdir "$lab/modules"
	mv "$lab/modules.new" "$lab/modules"
}

test_changes()
{
	with VM_SPARES=1 VM_KMOD=y
	mkdir -p "$lab/modules"
	changed 'another kernel' add_to "$lab/linux/vmlinux.stripped"
	changed '... root' add_to "$lab/rootfs/initramfs.cpio"
	changed '... QEMU' another_qemu
	changed '... state' vm --fresh=boot state
	changed '... folder of the host at the same path' another_folder
	changed '... menu' configure $tcg VM_STATES=2 VM_SPARES=1 VM_KMOD=y VM_APPEND=quiet
	changed '... limit of who asks' ulimit -Sn 500
}

# without WHAT COMMAND... - a spare to which that was done is not missed
without()
{
	vm run -- true
	await waiter >/dev/null
	"${@:2}" "$(waiting)"
	begins "${WAY:-state}" "$1: the run goes on"
	ok '... without a word' [ ! -s "$tmp/err" ]
	begins spare '... and the next one has one again'
}

kill_keeper()
{
	kill -KILL "$(keepers)"
}

kill_qemu()
{
	kill -KILL "$(waiter)"
}

dead_socket()
{
	kill_keeper
	all_gone
	rm -r "$1"
	mkdir "$1"
	perl -MIO::Socket::UNIX -e 'chdir shift; IO::Socket::UNIX->new(Local => "take", Listen => 1)' "$1"
}

no_socket()
{
	rm "$1/take"
}

test_killed()
{
	with VM_SPARES=1
	without 'its keeper is killed' kill_keeper
	without 'its QEMU is killed' kill_qemu
	without 'a socket that nobody listens at' dead_socket
	without 'no socket' no_socket
	vm stop
	is 'nothing is left of all that' "$(left_over)$(waiting)" ''
	ok '... and no machine' all_gone
	[ -n "${FULL-}" ] || return
	vm run -- true
	await waiter >/dev/null
	kill -STOP "$(keepers)"
	begins state 'a keeper that hangs is waited for, not for ever'
	vm stop
	ok '... and vm stop ends that, too' all_gone
}

# Mounts of our own.
mounts=(unshare -m)
[ "$(id -u)" = 0 ] || mounts=(unshare -rm)
full_disk()
{
	mkdir -p "$spares"
	mount -t tmpfs -o size=16k none "$spares" && head -c 16K /dev/zero >"$spares/filler"
	for _ in 1 2; do
		vm run -- sh -c 'echo it runs; exit 6'
	done
	"$VM" -O "$lab" drop
	[ "$status" = 6 ] && grep -q 'it runs' "$tmp/out" && [ ! -s "$tmp/err" ]
}
export -f full_disk vm
export lab tmp VM spares

test_short()
{
	with VM_SPARES=1
	if "${mounts[@]}" mount -t tmpfs none "$lab/vm/last" 2>/dev/null; then
		ok 'a full disk: the command runs' "${mounts[@]}" bash -c full_disk
		vm stop
	else
		result 0 'a full disk # SKIP this user may not mount anything'
	fi
	with VM_SPARES=1 "VM_MEMORY=$(awk '/MemTotal/ { print int($2 / 1024 * 0.8) }' /proc/meminfo)"
	vm run -- true
	is 'a machine with most of the memory: none waits' "$status $(waiting)" '0 '
	with VM_SPARES=1 VM_NET=y VM_NET_FORWARD=udp:2222:22
	vm run -- true
	is 'a machine of which there can be one: none waits' "$status $(waiting)" '0 '
}

test_one
test_apart
test_once
test_time
test_changes
test_killed
test_short
vm stop
ok 'no machine is left at the end' all_gone
finish
