#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of the program vm with a fake QEMU.
#
# VM names the program; without it, it is built here.  No /dev/kvm is needed:
# KILN_KVM names a file that takes its place.
#
# shellcheck disable=SC2016 # here $ and ` are meant to arrive as they are

set -u
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/vm.t.XXXXXX")
count=0
failed=0

cleanup() {
	local pid

	# Only what still holds our file: a number may be another's by now.
	while read -r pid; do
		[ "/proc/$pid/fd/9" -ef "$tmp/alive" ] && kill -KILL "$pid"
	done <"$tmp/pids"
	rm -rf "$tmp"
}
: >"$tmp/pids"
trap cleanup EXIT

# is NAME COMMAND...: the promise NAME holds if the command succeeds
is() {
	local name=$1

	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		printf '# %s\n' "$*"
		sed 's/^/# stderr: /' "$tmp/err"
	fi
}

# same GOT WANT: the two texts are the same
same() {
	[ "$1" = "$2" ]
}

# said PATTERN: standard error is one line, and this is in it
said() {
	[ "$(wc -l <"$tmp/err")" = 1 ] && grep -q -e "$1" "$tmp/err"
}

# quiet: nothing was said
quiet() {
	[ ! -s "$tmp/err" ]
}

# One line comes through here for each thing that happens; see next_event.
mkfifo "$tmp/events" "$tmp/keys"
exec 3<>"$tmp/events" 5<>"$tmp/keys"

# next_event: wait for a line, put it into $event
next_event() {
	event=
	read -r -t 20 -u 3 event || event='nothing happened'
}

# all_gone: wait until no fake QEMU lives; they hold a lock while they do
all_gone() {
	flock -w 5 "$tmp/alive" true
}

none_lives() {
	flock -n "$tmp/alive" true
}

make_fake() {
	cat >"$1" <<-'EOF'
		#!/bin/bash
		# How it behaves under KVM and TCG is in FAKE_KVM and FAKE_TCG.
		exec 9>"$FAKE/alive"
		flock -n 9 || : >"$FAKE/two"
		echo $$ >>"$FAKE/pids"
		how=$FAKE_TCG
		accel=tcg
		case " $* " in
		*' -accel kvm '*) how=$FAKE_KVM accel=kvm ;;
		esac
		echo "$accel" >>"$FAKE/started"
		printf '%s\n' "$0" "$@" >"$FAKE/argv"
		case $how in
		ok) exit 0 ;;
		refuse) echo 'fake: no such option' >&2; exit 1 ;;
		error) echo 'KVM internal error. Suberror: 1' >&2 ;;
		abort) kill -ABRT $$ ;;
		raw | stubborn)
			stty raw -echo
			perl -MFcntl -e 'fcntl(STDIN, F_SETFL,
				fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK) or die'
			;;
		esac
		case $how in
		stubborn) trap '' TERM HUP INT ;&
		raw | stay) echo "ready $$" >"$FAKE/events" ;;
		esac
		exec sleep 1000
	EOF
	chmod +x "$1"
}

# configure LINE...: the lab's configuration, on top of what is always there
configure() {
	printf 'CONFIG_%s\n' VM_MICROVM=y VM_CPUS=1 VM_MEMORY=256 \
		"VM_QEMU=$tmp/the qemu" "$@" >"$lab/include/config/auto.conf"
}

# vm ARGUMENT...: run it to its end; sets $status, $tmp/out, $tmp/err
vm() {
	timeout -k 1 20 "$VM" -O "$lab" "$@" \
		</dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# start: run a machine in the background until it is ready.  When the run
# ends, its status is an event.
start() {
	{
		env --default-signal=INT "$VM" -O "$lab" run \
			</dev/null >"$tmp/out" 2>"$tmp/bg.err"
		echo "status $?" >&3
	} 2>/dev/null &
	next_event
	qemu=${event#ready }
	pid=$(cat "$lab/vm/lock")
}

# On a terminal of its own: the same, and the terminal's state before and after.
start_on_terminal() {
	cat >"$tmp/session" <<-'EOF'
		state() { stty -a; grep flags: /proc/$$/fdinfo/[012]; }
		state >"$FAKE/before"
		"$VM" -O "$LAB" run
		status=$?
		state >"$FAKE/after"
		echo "status $status" >"$FAKE/events"
	EOF
	LAB=$lab VM=$VM SHELL=/bin/bash env --default-signal=INT \
		script -qec "bash '$tmp/session'" /dev/null \
		<&5 >"$tmp/screen" 2>&1 &
	next_event
	qemu=${event#ready }
	pid=$(cat "$lab/vm/lock")
}

terminal_restored() {
	[ -s "$tmp/before" ] && cmp "$tmp/before" "$tmp/after"
}

gentle() {
	! grep 'killing it' "$tmp/screen"
}

build() {
	VM=$tmp/vm
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror \
		-I"$here/../lib" -o "$VM" "$here"/*.c "$here"/../lib/*.c
}

if [ -z "${VM:-}" ] && ! build; then
	echo 'Bail out! vm cannot be built'
	exit 1
fi
VM=$(realpath "$VM")
export FAKE=$tmp FAKE_KVM=ok FAKE_TCG=ok KILN_KVM=$tmp/kvm
: >"$tmp/kvm"

# A name which a careless shell command would not survive.
lab="$tmp/it's a \$lab"
mkdir -p "$lab/include/config" "$lab/linux" "$lab/rootfs"
: >"$lab/linux/vmlinux.stripped"
: >"$lab/rootfs/initramfs.cpio"
make_fake "$tmp/the qemu"
tcg='VM_ACCEL_TCG=y'

test_usage() {
	configure $tcg
	vm --help
	is '--help ends with 0' same $status 0
	is '--help lists the options' grep -q -e --print "$tmp/out"
	vm
	is 'no command: usage error' same $status 2
	vm walk
	is 'an unknown command is named' said walk
	vm run --walk
	is 'an unknown option: usage error' same $status 2
	vm run -- uname -r
	is 'a command for the guest: usage error' same $status 2
	is '... and one sentence' said uname
}

test_print() {
	local want

	configure $tcg 'VM_APPEND=x="a b" $HOME `id` \ #1' \
		"VM_QEMU_ARGS=-name 'it is' -fw_cfg \"a\\\"b\""
	vm run --print
	is '--print ends with 0' same "$status" 0
	is '--print prints one line' same "$(wc -l <"$tmp/out")" 1
	is '--print starts nothing' test ! -e "$tmp/argv"
	is '--print makes no files' test ! -e "$lab/vm"

	cp "$tmp/out" "$tmp/printed"
	sh "$tmp/printed"
	want=$(cat "$tmp/argv")
	vm run
	is 'what it prints is what run does' same "$(cat "$tmp/argv")" "$want"
	is 'kernel arguments arrive as they are' \
		grep -q -F 'nolapic_timer x="a b" $HOME `id` \ #1' "$tmp/argv"
	is 'QEMU arguments arrive split' \
		same "$(tail -n 4 "$tmp/argv")" $'-name\nit is\n-fw_cfg\na"b'
	is 'a machine that shuts down: 0' same "$status" 0

	( cd "$lab/.." && "$VM" -O "${lab##*/}" run --print >"$tmp/relative" )
	is 'a relative output directory gives the same' \
		cmp "$tmp/printed" "$tmp/relative"
}

test_not_started() {
	configure $tcg VM_QEMU=no-such-qemu
	vm run
	is 'no QEMU: 125' same $status 125
	is '... and its name in one sentence' said no-such-qemu
	vm run --print
	is '... but --print works' same $status 0

	configure $tcg "VM_QEMU=$tmp/kvm"
	vm run
	is 'QEMU is no program: 125' same $status 125

	configure $tcg "VM_QEMU_ARGS=-name 'x"
	vm run
	is 'an open quote in the arguments: 125' same $status 125
	is '... and one sentence' said VM_QEMU_ARGS

	configure $tcg
	FAKE_TCG=refuse vm run
	is 'QEMU refuses its arguments: 125' same $status 125
	is '... its own words show' grep -q 'no such option' "$tmp/err"

	rm "$lab/linux/vmlinux.stripped"
	vm run
	is 'no kernel: 125' same $status 125
	is '... and make is named' said 'linux/vmlinux.stripped.*`make`'
	: >"$lab/linux/vmlinux.stripped"

	rm "$lab/rootfs/initramfs.cpio"
	vm run
	is 'no initramfs: make is named' said 'rootfs/initramfs.cpio.*`make`'
	: >"$lab/rootfs/initramfs.cpio"

	rm "$lab/include/config/auto.conf"
	vm run
	is 'no configuration: 125' same $status 125
	is '... and make is named' said 'auto.conf.*`make`'
}

test_second_run() {
	configure $tcg
	export FAKE_TCG=stay
	start
	vm run
	is 'a second run is refused' same $status 125
	is '... naming the folder and the first' said "lab.*process $pid)"
	vm run --print
	is '... but --print works' same $status 0

	kill -KILL "$qemu"
	next_event
	is 'QEMU killed: 255' same "$event" 'status 255'
	is '... and by what' grep -q SIGKILL "$tmp/bg.err"

	start
	kill -KILL "$pid"
	next_event
	is 'vm is killed' same "$event" 'status 137'
	is '... and no QEMU stays behind' all_gone
	FAKE_TCG=ok vm run
	is '... and the lock that stays blocks nobody' same $status 0
	export FAKE_TCG=ok
}

# accel_is NAME KVM-BEHAVIOUR ACCELERATOR WORDS: what is chosen, and said
accel_is() {
	local began=${EPOCHREALTIME/./} took

	: >"$tmp/started"
	FAKE_KVM=$2 vm run
	took=$((${EPOCHREALTIME/./} - began))
	is "$1: $3 is chosen" same "$(tail -n 1 "$tmp/started")" "$3"
	is '... after one trial' same "$(head -n 1 "$tmp/started")" kvm
	is '... within 3 s' test $took -lt 3000000
	is '... in one line' said "$4"
	is '... and no QEMU stays behind' none_lives

	: >"$tmp/started"
	FAKE_KVM=$2 vm run
	is '... the second run knows it' same "$(cat "$tmp/started")" "$3"
	is '... and says nothing' quiet
	vm run --print
	is '... and --print shows it' grep -q -e "-accel $3" "$tmp/out"
}

forget() {
	rm -f "$lab/vm/accel"
}

# tried WHY: the next run has a trial, for this reason
tried() {
	: >"$tmp/started"
	vm run
	is "tried again: $1" same "$(cat "$tmp/started")" $'kvm\nkvm'
}

test_accel() {
	configure VM_ACCEL_AUTO=y
	vm run --print
	is '--print shows TCG while nothing is known' \
		grep -q -e '-accel tcg' "$tmp/out"
	forget
	accel_is 'QEMU aborts' abort tcg 'SIGABRT.*TCG'
	forget
	accel_is 'QEMU hangs' hang tcg '2.5 s.*TCG'
	forget
	accel_is 'KVM stops with an error' error tcg 'internal error.*TCG'
	forget
	accel_is 'QEMU refuses' refuse tcg 'status 1: fake: no such option'
	forget
	accel_is 'KVM works' ok kvm 'KVM works'

	is '... in this boot of the host' grep -q -x \
		"boot $(cat /proc/sys/kernel/random/boot_id)" "$lab/vm/accel"
	sed -i 's/^boot ./boot x/' "$lab/vm/accel"
	tried 'the host has booted'
	touch "$tmp/the qemu"
	tried 'QEMU is another'
	sed -i 's/^CONFIG_VM_MICROVM/CONFIG_VM_Q35/' \
		"$lab/include/config/auto.conf"
	tried 'the machine is another'
	echo nonsense >"$lab/vm/accel"
	tried 'the file is damaged'

	mv "$tmp/kvm" "$tmp/kvm.away"
	: >"$tmp/started"
	vm run
	is 'no device: no trial' same "$(cat "$tmp/started")" tcg
	is '... the reason and the remedy in one line' \
		said 'No such file.*load kvm_intel.*TCG'
	vm run
	is '... said once' quiet
	mv "$tmp/kvm.away" "$tmp/kvm"
	tried 'the device has come'

	configure VM_ACCEL_KVM=y
	forget
	: >"$tmp/started"
	FAKE_KVM=refuse vm run
	is 'KVM is demanded: no trial' same "$(cat "$tmp/started")" kvm
	is "... and QEMU's own error shows" \
		grep -q 'fake: no such option' "$tmp/err"
}

test_trial_interrupted() {
	local sig

	configure VM_ACCEL_AUTO=y
	export FAKE_KVM=stay
	for sig in TERM:143 INT:130 KILL:137; do
		forget
		start
		kill -"${sig%:*}" "$pid"
		next_event
		is "SIG${sig%:*} in the trial ends vm" \
			same "$event" "status ${sig#*:}"
		is '... and the trial' all_gone
		is '... and nothing was learnt' test ! -e "$lab/vm/accel"
	done
	export FAKE_KVM=ok
}

test_signals() {
	local sig

	configure $tcg
	export FAKE_TCG=raw
	for sig in TERM:143 HUP:129 INT:130; do
		start_on_terminal
		kill -"${sig%:*}" "$pid"
		next_event
		is "SIG${sig%:*} ends vm" same "$event" "status ${sig#*:}"
		is '... and QEMU' none_lives
		is '... which was not killed' gentle
		is '... and the terminal is as before' terminal_restored
	done

	start_on_terminal
	kill -KILL "$qemu"
	next_event
	is 'QEMU is killed: 255' same "$event" 'status 255'
	is '... and the terminal is as before' terminal_restored

	export FAKE_TCG=stubborn
	start_on_terminal
	kill -TERM "$pid"
	next_event
	is 'a QEMU that ignores SIGTERM is killed' same "$event" 'status 143'
	is '... and the terminal is as before' terminal_restored
	is '... and QEMU is gone' none_lives
	is '... which is said' grep -q 'killing it' "$tmp/screen"
	export FAKE_TCG=ok
}

test_usage
test_print
test_not_started
test_second_run
test_accel
test_trial_interrupted
test_signals

is 'there were never two QEMUs at a time' test ! -e "$tmp/two"
echo "1..$count"
[ $failed = 0 ]
