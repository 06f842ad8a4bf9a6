#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines that are saved and go on, with a fake QEMU: each way in which that can
# fail, and that the command runs all the same.
#
# Needs: fakes
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

states=$lab/vm/state

# begins WAY WHAT - runs a command, which must succeed in a machine that began so
begins()
{
	: >"$FAKE/argv"
	vm run -- sh -c 'echo it runs; exit 7'
	is "$2" "$status $(of_result start) $(cat "$tmp/out")" "7 $1 it runs"
}

count()
{
	find "$states" -type f 2>/dev/null | wc -l
}

forget()
{
	rm -rf "$states"
}

test_twice()
{
	configure $tcg VM_STATES=2
	begins boot 'the first command boots a machine'
	is '... which is saved' "$(count) $(find "$states" -type f -perm 600 | wc -l)" '1 1'
	ok '... without a word' [ ! -s "$tmp/err" ]
	begins state 'the second one goes on from there'
	ok '... without a word' [ ! -s "$tmp/err" ]
	ok '... as QEMU is told' grep -qx -e -incoming "$FAKE/argv"
	begins state 'so does the third'

	: >"$FAKE/argv"
	vm run --fresh=boot -- true
	is '--fresh=boot boots' "$status $(of_result start)" '0 boot'
	ok '... as does what reproduces it' grep -q -e --fresh=boot "$lab/vm/last/reproduce.sh"
	ok '... with memory of its own' sh -c "! grep -q memory-backend '$FAKE/argv'"
	vm run --fresh=cold
	is 'no other way is known: usage error' "$status" 2
	FAKE_TCG=ok vm run
	is 'a person'\''s machine boots' "$(of_result start)" boot
	is '... and neither touches what is saved' "$(count)" 1
}

test_state()
{
	forget
	vm state
	is 'vm state saves a machine' "$status $(count) $(of_result start)" '0 1 boot'
	is '... and says nothing' "$(cat "$tmp/out" "$tmp/err")" ''
	vm state
	is '... or shows that there is one' "$status $(of_result start)" '0 state'
	vm --fresh=boot state
	is '... and saves it anew with --fresh=boot' "$status $(count) $(of_result start)" '0 1 boot'
	FAKE_TCG=save-refused vm --fresh=boot state
	is '... and fails when it cannot' "$status $(count)" '1 0'
}

test_changes()
{
	local key

	forget
	vm state
	key=$(ls "$states")
	echo another >"$lab/linux/vmlinux.stripped"
	begins boot 'another kernel is another machine'
	echo another >"$lab/rootfs/initramfs.cpio"
	begins boot '... and another root'
	is '... and so many are kept' "$(count)" 2
	ok '... the latest ones' [ ! -e "$states/$key" ]
	cp "$fake_qemu" "$qemu"
	begins boot '... and another QEMU'
	configure $tcg VM_STATES=2 VM_APPEND=quiet
	begins boot '... and another argument of the kernel'
	begins state 'which then is saved'
	configure $tcg VM_STATES=1 VM_APPEND=quiet
	begins state '... and used'
	is 'fewer are kept when the menu says so' "$(count)" 1
	configure $tcg VM_STATES=0 VM_APPEND=quiet
	begins boot '0: it boots'
	is '... and none is kept' "$(count)" 0
	vm state
	is '... nor when one is asked for' "$status $(count)" '1 0'
	ok '... which is said' said_once 'VM_STATES is 0'
	configure $tcg VM_STATES=2
}

# damaged WHAT COMMAND... - a state that this was done to is noticed
damaged()
{
	forget
	vm state
	"${@:2}" "$states"/*
	begins boot "$1: it boots"
	ok '... and says so' said_once 'the saved machine cannot be used: .*; booting'
	begins state '... and what it saved instead is used'
}

flip()
{
	printf '\x01' | dd of="$1" bs=1 seek=100000000 conv=notrunc status=none
}

test_damage()
{
	damaged 'a bit is flipped in the memory' flip
	damaged 'the state is cut off' truncate -s -1
	damaged 'it is empty' truncate -s 0
	damaged 'it is no state' cp recipes/vm/splats

	FAKE_TCG=load-refused vm run -- sh -c 'exit 7'
	is 'QEMU does not take it: it boots' "$status $(of_result start)" '7 boot'
	ok '... and says so' said_once 'cannot be used: QEMU ended with status 1; booting'
	begins state '... and what it saved instead is used'
	FAKE_TCG=load-silent vm run -- sh -c 'exit 7'
	is 'nobody speaks in it: it boots' "$status $(of_result start)" '7 boot'
	ok '... and says so' said_once 'cannot be used: it did not come up in 10 s; booting'
}

test_saving()
{
	forget
	FAKE_TCG=save-refused vm run -- sh -c 'exit 7'
	is 'QEMU refuses to save it: the command runs' "$status" 7
	ok '... and the reason is said' said_once 'not saved.*: a fake device is in the way'
	is '... and nothing is saved' "$(count)" 0

	FAKE_TCG=save-slow vm run -- sh -c 'exit 7'
	is 'QEMU takes too long to save it: the command runs' "$status" 7
	ok '... and the reason is said' said_once 'not saved.*: QEMU takes too long'
	is '... and nothing is saved' "$(count)" 0

	configure $tcg VM_STATES=2 VM_BOOT_TIMEOUT=1
	FAKE_TCG=late-warning vm run -- true
	is 'a complaint after it was saved counts' "$status $(count)" '254 1'
	forget
	FAKE_TCG=panic vm run -- true
	is 'one that panics is not saved' "$status $(count)" '255 0'
	configure $tcg VM_STATES=2

	configure $tcg VM_STATES=2 'VM_QEMU_ARGS=-name x -drive if=none'
	begins boot 'what is outside of the machine forbids it'
	ok '... and is named' said_once 'VM_QEMU_ARGS has -drive, so this machine cannot be saved'
	begins boot '... at the next run, too'
	is '... which is silent' "$(<"$tmp/err")" ''
	vm state
	ok '... while who asks for a state is told' said 'VM_QEMU_ARGS has -drive'
	configure $tcg VM_STATES=2 VM_QEMU_ARGS=-bios=/tmp/bios
	begins boot 'so does a file'
	ok '... which is named' said_once 'VM_QEMU_ARGS has -bios=/tmp/bios'
	configure $tcg VM_STATES=2
	is '... and nothing is saved' "$(count)" 0
}

# A folder of the host
test_share()
{
	local way

	configure $tcg VM_STATES=2 VM_KMOD=y
	mkdir -p "$lab/modules"
	forget
	begins boot 'a machine with a folder of the host is saved before that is mounted'
	begins state '... and goes on'
	for way in '' --fresh=boot; do
		FAKE_TCG=late-share vm run $way -- sh -c 'echo it runs'
		is "run $way: without the folder no command runs" "$status $(cat "$tmp/out")" '255 '
		ok '... and it is said why' said "the host's folders are not there"
	done
	configure $tcg VM_STATES=2
}

test_killed()
{
	forget
	FAKE_TCG=save-slow start run -- true
	next_event
	is 'it is being saved' "$event" saving
	kill -KILL "$pid"
	next_event
	all_gone
	released
	is 'killed while it saves: nothing is left' "$(count) $(left_over)" '0 '

	# What only a crash of the host leaves behind.
	mkdir -p "$states"
	echo half >"$states/new"
	begins boot 'half a state is none'
	is '... and is removed' "$(find "$states" -name new)" ''
}

# Mounts of our own.
mounts=(unshare -m)
[ "$(id -u)" = 0 ] || mounts=(unshare -rm)
full_disk()
{
	rm -rf "$states"
	mkdir "$states"
	mount -t tmpfs -o size=64k none "$states" && head -c 64K /dev/zero >"$states/filler"
	vm run -- sh -c 'echo it runs; exit 6'
	[ "$status" = 6 ] && grep -q 'it runs' "$tmp/out" && said_once 'not saved.*No space left' &&
		[ "$(ls "$states")" = filler ]
}
export -f full_disk vm said said_once
export lab tmp VM states

test_twice
test_state
test_changes
test_damage
test_saving
test_share
test_killed
if "${mounts[@]}" mount -t tmpfs none "$lab/vm/last" 2>/dev/null; then
	ok 'a full disk: the command runs, and no half state stays' "${mounts[@]}" bash -c full_disk
else
	result 0 'a full disk # SKIP this user may not mount anything'
fi

ok 'there were never two QEMUs at a time' [ ! -e "$FAKE/two" ]
finish
