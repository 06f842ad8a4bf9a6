#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The program vm with a fake QEMU: its command line, what it prints, what it does
# when there is nothing to run, the choice of the accelerator, signals.
#
# Needs: fakes
#
# shellcheck disable=SC2016,SC2317 # $ and ` are meant to arrive; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

mkfifo "$tmp/keys"
exec 5<>"$tmp/keys"

test_usage()
{
	configure $tcg
	vm --help
	is '--help ends with 0' "$status" 0
	ok '--help lists the options' grep -q -e --print "$tmp/out"
	vm
	is 'no command: usage error' "$status" 2
	vm walk
	ok 'an unknown command is named' said_once walk
	vm run --walk
	is 'an unknown option: usage error' "$status" 2
	vm run -t soon
	is 'a time limit that is no number: usage error' "$status" 2
	vm put
	ok 'a missing argument: usage' said_once 'usage: vm put FILE'
}

test_print()
{
	local files want

	configure $tcg 'VM_APPEND=x="a b" $HOME `id` \ #1' \
		"VM_QEMU_ARGS=-name 'it is' -fw_cfg \"a\\\"b\""
	files=$(find "$lab/vm")
	vm run --print
	is '--print ends with 0' "$status" 0
	is '--print prints one line' "$(wc -l <"$tmp/out")" 1
	ok '--print starts nothing' [ ! -e "$FAKE/argv" ]
	is '--print makes no files' "$(find "$lab/vm")" "$files"

	# The fake stops where it finds no channels.
	cp "$tmp/out" "$tmp/printed"
	FAKE_TCG=ok sh "$tmp/printed" >/dev/null
	want=$(sed 's/^socket,.*,id/id/' "$FAKE/argv")
	: >"$FAKE/argv"
	FAKE_TCG=ok vm run
	is 'what it prints is what run does' "$(sed 's/^socket,.*,id/id/' "$FAKE/argv")" "$want"
	ok 'kernel arguments arrive as they are' \
		grep -q -F 'nolapic_timer x="a b" $HOME `id` \ #1' "$FAKE/argv"
	is 'QEMU arguments arrive split' "$(tail -n 4 "$FAKE/argv")" $'-name\nit is\n-fw_cfg\na"b'

	(cd "$lab/.." && "$VM" -O "${lab##*/}" run --print >"$tmp/relative")
	ok 'a relative output directory gives the same' cmp "$tmp/printed" "$tmp/relative"
}

# The script that a lab has as "run"
test_script()
{
	configure $tcg
	mkdir "$lab/host" "$tmp/bin"
	ln -s "$(realpath "$VM")" "$lab/host/vm"
	cp recipes/vm/start "$lab/run"
	ln -s "$lab/run" "$tmp/bin/kiln"
	ln -s kiln "$tmp/bin/again"
	vm run --print
	mv "$tmp/out" "$tmp/want"
	ok 'out/run is run' cmp "$tmp/want" <("$lab/run" --print)
	ok '... through a link to it' cmp "$tmp/want" <("$tmp/bin/kiln" --print)
	ok '... through a link to a link, in PATH' cmp "$tmp/want" <(PATH=$tmp/bin:$PATH && again --print)
	ok '... from its folder' grep -q ./rootfs <(cd "$lab" && sh run --print)
}

test_not_started()
{
	local long

	configure $tcg VM_QEMU=no-such-qemu
	vm run
	is 'no QEMU: 125' "$status" 125
	ok '... and its name in one sentence' said_once no-such-qemu
	vm run --print
	is '... but --print works' "$status" 0

	long=$(printf '%01900d' 0)
	configure $tcg VM_APPEND="$long"
	vm run -- true
	is 'a long command line of the kernel is one' "$status" 0
	vm run --append "$long" -- true
	is 'one that is too long for it: 125' "$status" 125
	ok '... and how long it may be' said_once 'command line has 38[0-9]* bytes, and a kernel reads 2047'

	configure $tcg VM_MEMORY=1048576
	vm run -- true
	is 'more memory than this host has: 125' "$status" 125
	ok '... and how much it has' said_once 'with 1048576 MiB of memory (VM_MEMORY) does not fit.*has [0-9]* with its swap'

	# No block of the disk is taken.
	configure $tcg
	truncate -s 80M "$lab/rootfs/initramfs.cpio"
	vm run -- true
	is 'an initramfs that just fits' "$status" 0
	truncate -s 90M "$lab/rootfs/initramfs.cpio"
	vm run -- true
	is 'one that does not: 125' "$status" 125
	ok '... and how much is enough' said_once 'initramfs has 90 MiB, which a memory of 256 MiB (VM_MEMORY) cannot hold; it needs 304'
	configure $tcg VM_MEMORY=304
	vm run -- true
	is '... which it is' "$status" 0
	: >"$lab/rootfs/initramfs.cpio"

	configure $tcg "VM_QEMU=$KILN_KVM"
	vm run
	is 'QEMU is no program: 125' "$status" 125

	configure $tcg "VM_QEMU_ARGS=-name 'x"
	vm run
	is 'an open quote in the arguments: 125' "$status" 125
	ok '... and one sentence' said_once VM_QEMU_ARGS

	configure $tcg
	mv "$lab/linux/vmlinux.stripped" "$tmp/away"
	vm run
	is 'no kernel: 125' "$status" 125
	ok '... and make is named' said_once 'linux/vmlinux.stripped.*`make`'
	mv "$tmp/away" "$lab/linux/vmlinux.stripped"

	mv "$lab/rootfs/initramfs.cpio" "$tmp/away"
	vm run
	ok 'no initramfs: make is named' said_once 'rootfs/initramfs.cpio.*`make`'
	mv "$tmp/away" "$lab/rootfs/initramfs.cpio"

	mv "$lab/vm/devices" "$tmp/away"
	vm run
	is 'no devices: 125' "$status" 125
	ok '... and make is named' said_once 'vm/devices.*`make`'
	mv "$tmp/away" "$lab/vm/devices"
	mv "$lab/vm/processor" "$tmp/away"
	vm run
	is 'what there is for the processor is not there' $status 125
	ok '... and make is named' said_once 'vm/processor.*`make`'
	mv "$tmp/away" "$lab/vm/processor"

	echo 'no tabs' >"$lab/vm/splats"
	vm run
	ok 'a list of complaints that cannot be read is named' said_once 'splats'
	cp recipes/vm/splats "$lab/vm/"

	rm "$lab/include/config/auto.conf"
	vm run
	is 'no configuration: 125' "$status" 125
	ok '... and make is named' said_once 'auto.conf.*`make`'
}

test_second_run()
{
	configure $tcg
	start -w "$lab/vm" run -- sleep 1000
	vm run
	is 'a second machine in the folder where others look is refused' "$status" 125
	ok '... naming the folder and the first' said_once "lab.*process $pid)"
	vm run --print
	is '... but --print works' "$status" 0

	kill -KILL "$pid"
	next_event
	is 'vm is killed' "$event" 'status 137'
	ok '... and no QEMU stays behind' all_gone
	vm run -- true
	is '... and the next run is not hindered' "$status" 0
	start run -- sleep 1000
	kill -KILL "$pid"
	next_event
	all_gone
	released
	is '... nor is anything left' "$(left_over)" ''
}

# accel_is NAME KVM-BEHAVIOUR ACCELERATOR WORDS - what is chosen, and said
accel_is()
{
	local began=${EPOCHREALTIME/./} took

	: >"$FAKE/started"
	FAKE_KVM=$2 vm run -- true
	took=$((${EPOCHREALTIME/./} - began))
	is "$1: $3 is chosen" "$(tail -n 1 "$FAKE/started")" "$3"
	is '... after one trial' "$(head -n 1 "$FAKE/started")" kvm
	ok '... in one line' said_once "$4"
	ok '... and no QEMU stays behind' none_lives

	: >"$FAKE/started"
	FAKE_KVM=$2 vm run -- true
	is '... the second run knows it' "$(cat "$FAKE/started")" "$3"
	ok '... and says nothing' [ ! -s "$tmp/err" ]
	vm run --print
	ok '... and --print shows it' grep -q -e "-accel $3" "$tmp/out"
	ok '... within 4 s, the first time' in_time $took 4
}

forget()
{
	rm -f "$lab/vm/accel"
}

# tried WHY - the next run has a trial, for this reason
tried()
{
	: >"$FAKE/started"
	FAKE_KVM=ok vm run
	is "tried again: $1" "$(cat "$FAKE/started")" $'kvm\nkvm'
}

test_accel()
{
	configure VM_ACCEL_AUTO=y
	vm run --print
	ok '--print shows TCG while nothing is known' grep -q -e '-accel tcg' "$tmp/out"
	forget
	accel_is 'QEMU aborts' abort tcg 'SIGABRT.*TCG'
	forget
	accel_is 'QEMU hangs' hang tcg '2.5 s.*TCG'
	forget
	accel_is 'KVM stops with an error' kvm-error tcg 'internal error.*TCG'
	forget
	accel_is 'QEMU refuses' refuse tcg 'status 1: fake: no such option'
	forget
	accel_is 'the kernel resets at once' triple-fault tcg 'without a message.*TCG'

	# A kernel that hangs without KVM, too, is no reason to blame it for ever.
	forget
	configure VM_ACCEL_AUTO=y VM_BOOT_TIMEOUT=1
	FAKE_KVM=hang FAKE_TCG=silent vm run -- true
	: >"$FAKE/started"
	FAKE_KVM=hang FAKE_TCG=silent vm run -- true
	is 'the kernel hangs with TCG, too: KVM is tried again' \
		"$(cat "$FAKE/started")" $'kvm\ntcg'
	configure VM_ACCEL_AUTO=y

	forget
	: >"$FAKE/started"
	vm run
	is 'KVM works: it is chosen' "$(cat "$FAKE/started")" $'kvm\nkvm'
	ok '... in one line' said_once 'KVM works'
	ok '... for this boot of the host' grep -q -x \
		"boot $(cat /proc/sys/kernel/random/boot_id)" "$lab/vm/accel"
	sed -i 's/^boot ./boot x/' "$lab/vm/accel"
	tried 'the host has booted'
	touch "$qemu"
	tried 'QEMU is another'
	sed -i 's/^CONFIG_VM_MICROVM/CONFIG_VM_Q35/' "$lab/include/config/auto.conf"
	tried 'the machine is another'
	echo nonsense >"$lab/vm/accel"
	tried 'the file is damaged'

	mv "$KILN_KVM" "$tmp/kvm.away"
	: >"$FAKE/started"
	vm run -- true
	is 'no device: no trial' "$(cat "$FAKE/started")" tcg
	ok '... the reason and the remedy in one line' \
		said_once 'No such file.*load kvm_intel.*TCG'
	vm run -- true
	ok '... said once' [ ! -s "$tmp/err" ]
	mv "$tmp/kvm.away" "$KILN_KVM"
	tried 'the device has come'

	configure VM_ACCEL_KVM=y
	forget
	: >"$FAKE/started"
	FAKE_KVM=refuse vm run
	is 'KVM is demanded: no trial' "$(cat "$FAKE/started")" kvm
	ok "... and QEMU's own error shows" said 'fake: no such option'
}

test_trial_interrupted()
{
	local sig

	configure VM_ACCEL_AUTO=y
	for sig in TERM:143 INT:130 KILL:137; do
		forget
		FAKE_KVM=hang start run
		kill -"${sig%:*}" "$pid"
		next_event
		is "SIG${sig%:*} in the trial ends vm" "$event" "status ${sig#*:}"
		ok '... and the trial' all_gone
		ok '... and nothing was learnt' [ ! -e "$lab/vm/accel" ]
	done
}

# start_on_terminal ARGUMENT... - the same on a terminal of its own, whose state
# before and after is kept
start_on_terminal()
{
	cat >"$tmp/session" <<-'EOF'
		state() { stty -a; grep flags: /proc/$$/fdinfo/[012]; }
		state >"$FAKE/before"
		FAKE_EVENTS=y $ALONE "$VM" -O "$OUT" "$@"
		status=$?
		if [ $status -gt 128 ]; then sleep 0.5; fi
		state >"$FAKE/after"
		echo "status $status" >"$FAKE/events"
	EOF
	OUT=$lab VM=$VM ALONE=${ALONE-} SHELL=/bin/bash env --default-signal=INT \
		script -qec "bash '$tmp/session' $*" /dev/null <&5 >"$tmp/screen" 2>&1 &
	terminal=$!
	next_event
	qemu_pid=${event#ready }
	pid=$(newest)
	await is_raw
}

# The machine has the terminal.
is_raw()
{
	stty -a <"/proc/$pid/fd/0" | grep -q -e -icanon
}

is_up()
{
	"$VM" -O "$lab" -w "$lab/vm/last" status | grep -q '^state *up'
}

# on_screen TEXT
on_screen()
{
	await grep -q -F -e "$1" "$tmp/screen"
}

test_signals()
{
	local sig command

	configure $tcg
	for sig in TERM:143 HUP:129 INT:130 KILL:137; do
		start_on_terminal run
		kill -"${sig%:*}" "$pid"
		next_event
		is "SIG${sig%:*} ends vm" "$event" "status ${sig#*:}"
		ok '... and QEMU' all_gone
		ok '... and the terminal is as before' cmp "$FAKE/before" "$FAKE/after"
	done

	start_on_terminal run
	await is_up
	kill -KILL "$qemu_pid"
	next_event
	is 'QEMU is killed' "$event" 'status 255'
	ok '... and the terminal is as before' cmp "$FAKE/before" "$FAKE/after"

	start_on_terminal run
	printf 'poweroff\r' >&5
	next_event
	is 'what is typed on a terminal reaches the machine' "$event" 'status 0'
	ok '... and the terminal is as before' cmp "$FAKE/before" "$FAKE/after"

	start_on_terminal run
	printf 'hello\001x' >&5
	next_event
	is 'Ctrl-A X leaves a machine' "$event" 'status 0'
	ok '... which gets what was typed before' on_screen hello

	start_on_terminal run -- cat
	printf 'one\001\001two' >&5
	ok 'Ctrl-A Ctrl-A is Ctrl-A on a terminal of the guest' on_screen 'one^Atwo'
	printf '\001x' >&5
	next_event
	is 'Ctrl-A X leaves it' "$event" 'status 255'
	ok '... and the terminal is as before' cmp "$FAKE/before" "$FAKE/after"

	# A terminal that controls no session, as that of "su -c"
	ALONE='setsid -w' start_on_terminal run
	printf 'poweroff\r' >&5
	next_event
	is 'what is typed on a terminal that controls nothing reaches the machine' "$event" 'status 0'
	ALONE='setsid -w' start_on_terminal run -- cat
	printf 'one\001\001two' >&5
	ok '... and the command' on_screen 'one^Atwo'
	printf '\001x' >&5
	next_event
	is '... which Ctrl-A X leaves' "$event" 'status 255'
	for command in '' '-- sleep 1000'; do
		# shellcheck disable=SC2086 # words
		ALONE='setsid -w' start_on_terminal run $command
		disown "$terminal"
		kill -KILL "$terminal"
		ok "it is closed: QEMU ends${command:+, and a command}" all_gone
		released
		is '... and nothing is left' "$(left_over)" ''
	done
	# The status of the last one
	next_event

	start_on_terminal run
	disown "$terminal"
	kill -KILL "$terminal"
	ok 'the terminal is closed: QEMU ends' all_gone
	released
	is '... and nothing is left' "$(left_over)" ''
}

test_usage
test_print
test_script
test_not_started
test_second_run
test_accel
test_trial_interrupted
test_signals

ok 'there were never two QEMUs at a time' [ ! -e "$FAKE/two" ]
finish
