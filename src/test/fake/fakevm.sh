# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # tap.sh sets tmp; who sources this reads
#
# A lab whose QEMU is src/test/fake/fakeqemu.c, for tests of what runs machines.  Comes
# after tap.sh.  The programs are $LAB/check/{vm,fakeqemu,agent}.

export FAKE=$tmp/fake FAKE_TCG=up FAKE_KVM=ok KILN_KVM=$tmp/kvm
export FAKE_AGENT=${FAKE_AGENT:-$LAB/check/agent}
VM=${VM:-$LAB/check/vm}
fake_qemu=${FAKE_QEMU:-$LAB/check/fakeqemu}

# A name that a careless shell command would not survive, and longer than the
# name of a socket may be.
lab="$tmp/it's a \$lab/$(printf '%0120d' 0)"
qemu="$tmp/the qemu"
tcg=VM_ACCEL_TCG=y

# make_lab DIR
make_lab()
{
	mkdir -p "$1"/{include/config,linux,rootfs,vm}
	: >"$1/linux/vmlinux.stripped"
	: >"$1/rootfs/initramfs.cpio"
	cp recipes/vm/{splats,allowed,decode} "$1/vm/"
	recipes/vm/join recipes/vm/devices/*/qemu >"$1/vm/devices"
	cp recipes/processor/x86_64/values.mk "$1/vm/processor"
}

# configure LINE... - on top of what is always there
configure()
{
	printf 'CONFIG_%s\n' VM_MICROVM=y VM_CPUS=1 VM_MEMORY=256 VM_BOOT_TIMEOUT=60 \
		"VM_QEMU=$qemu" "$@" >"$lab/include/config/auto.conf"
}

# vm ARGUMENT... - runs it to its end; sets $status, $tmp/out, $tmp/err
vm()
{
	timeout -k 1 60 "$VM" -O "$lab" "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# pace - how long a run takes now that has nothing to wait for, in microseconds
pace()
{
	local began=${EPOCHREALTIME/./}

	FAKE_TCG=refuse vm run -- true
	echo $((${EPOCHREALTIME/./} - began))
}

# in_time MICROSECONDS SECONDS - a busy machine may take ten times its own pace longer
in_time()
{
	[ "$1" -lt "$2"000000 ] || [ "$1" -lt $((($2 - 1) * 1000000 + 10 * $(pace))) ]
}

# said PATTERN - standard error has it
said()
{
	grep -q -e "$1" "$tmp/err" || { cat "$tmp/err"; return 1; }
}

# said_once PATTERN - and no other line
said_once()
{
	said "$1" || return
	[ "$(wc -l <"$tmp/err")" = 1 ] || { cat "$tmp/err"; return 1; }
}

# of_result KEY - what the last run's result.json has
of_result()
{
	sed -n "s/^  \"$1\": \"\\?\\([^\",]*\\).*/\\1/p" "$lab/vm/last/result.json"
}

# none_lives - no fake QEMU, which holds a lock while it does
none_lives()
{
	[ ! -e "$FAKE/alive" ] || flock -n "$FAKE/alive" true
}

all_gone()
{
	[ ! -e "$FAKE/alive" ] || flock -w 10 "$FAKE/alive" true
}

# left_over - what should not be in vm/ when no machine runs
left_over()
{
	local name

	for name in "$lab"/vm/* "$lab"/vm/runs/*/*; do
		case ${name##*/} in
		splats | allowed | decode | devices | processor | runs | last | lock | saving | single) ;;
		accel | accel.log | state | unsaved | spares) ;;
		console.log | result.json | reproduce.sh) ;;
		'*') ;;
		*) echo "${name##*/}" ;;
		esac
	done
}

# One line comes through here for each thing that happens; see next_event.
mkdir "$FAKE"
mkfifo "$FAKE/events"
exec 3<>"$FAKE/events"

# next_event - waits for a line, puts it into $event
next_event()
{
	event=
	read -r -t 20 -u 3 event || event='nothing happened'
}

# newest - the process of the run that began last, by the name of its folder
newest()
{
	local run

	run=$(readlink "$lab/vm/last")
	echo "${run##*-}"
}

# released - waits until the last run lets go of its folder
released()
{
	flock -w 10 "$lab/vm/last" true
}

# start ARGUMENT... - runs vm in the background until its QEMU is there; sets $pid
# and $qemu_pid.  When the run ends, its status is an event.
start()
{
	{
		env --default-signal=INT FAKE_EVENTS=y "$VM" -O "$lab" "$@" \
			</dev/null >"$tmp/bg.out" 2>"$tmp/bg.err"
		echo "status $?" >&3
	} 2>/dev/null &
	next_event
	qemu_pid=${event#ready }
	pid=$(newest)
}

# await COMMAND... - until it succeeds
await()
{
	local i

	for ((i = 0; i < 200; i++)); do
		if "$@" 2>/dev/null; then
			return
		fi
		sleep 0.05
	done
	return 1
}

cleanup()
{
	local one

	# Only what still holds our file: a number may be another's by now.
	while read -r one; do
		if find "/proc/$one/fd" -lname "$FAKE/alive" | grep -q .; then
			kill -KILL "$one"
		fi
	done <"$FAKE/pids"
	rm -rf "$tmp"
} 2>/dev/null
trap cleanup EXIT

: >"$KILN_KVM"
make_lab "$lab"
cp "$fake_qemu" "$qemu"
