#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever is killed, and whenever: KILLS times (50) the supervisor or QEMU of a
# machine gets SIGKILL at a random moment, with a fake QEMU, and nothing is left;
# and 20 machines at once, each in its folder.  SEED gives the same choices again.
#
# Needs: fakes
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

kills=${KILLS:-50}
RANDOM=${SEED:=$RANDOM}
echo "# SEED=$SEED"
configure $tcg
lab_of_kills=$lab

# How long an undisturbed run takes, in ms.
began=${EPOCHREALTIME/./}
vm run -- sh -c 'cat /etc/passwd; sleep 0.1'
took=$(((${EPOCHREALTIME/./} - began) / 1000))

# victim WHO - its process id; nothing if it is not there, or no more
victim()
{
	case $1 in
	supervisor) newest ;;
	qemu) tail -n 1 "$FAKE/pids" ;;
	esac 2>/dev/null
}

# What killed runs left behind, if the supervisor's cleaner had its time.
left_behind()
{
	if [ -e "$lab/vm/last" ] && ! released; then
		echo 'the folder is held'
	elif ! all_gone; then
		echo 'a QEMU lives'
	else
		left_over
	fi
}

# kill_one WHO MS - prints what is wrong
kill_one()
{
	local who=$1 ms=$2 run pid status

	: >"$FAKE/pids"
	rm -f "$lab/vm/last"
	"$VM" -O "$lab" run -- sh -c 'cat /etc/passwd; sleep 0.1' \
		</dev/null >"$tmp/out" 2>"$tmp/err" &
	run=$!
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
	pid=$(victim "$who")
	if [ -n "$pid" ]; then
		kill -KILL "$pid" 2>/dev/null
	fi
	wait "$run"
	status=$?

	case $status in
	0 | 125 | 255) ;;
	137) [ "$who" = supervisor ] || echo "status 137 after the death of $who" ;;
	*) echo "status $status" ;;
	esac
	left_behind
} 2>/dev/null

wrong=
hits=0
for ((i = 0; i < kills; i++)); do
	who=supervisor
	[ $((RANDOM % 2)) = 0 ] || who=qemu
	ms=$((RANDOM % (took + 1)))
	found=$(kill_one $who $ms)
	[ "$(of_result outcome 2>/dev/null)" = passed ] || hits=$((hits + 1))
	if [ -n "$found" ]; then
		wrong+="$who killed after $ms ms: $found"$'\n'
	fi
done
is "$kills kills of supervisor and QEMU leave nothing" "$wrong" ''
ok 'enough of them hit a run' [ $((hits * 5)) -gt "$kills" ]
echo "# $hits of $kills, within $took ms"
vm run -- true
is 'the next run is as good as ever' "$status" 0

# Side by side
rm -f "$FAKE/two"
for i in {1..20}; do
	lab=$tmp/lab$i
	make_lab "$lab"
	cp "$lab_of_kills/include/config/auto.conf" "$lab/include/config/"
	timeout 60 "$VM" -O "$lab" run -- sh -c "read line; echo \$line; exit $i" \
		<<<"this is $i" >"$tmp/out.$i" 2>"$tmp/err.$i" &
	runs[i]=$!
done
wrong=
for i in {1..20}; do
	lab=$tmp/lab$i
	wait "${runs[i]}"
	status=$?
	[ $status = "$i" ] || wrong+="machine $i ended with $status: $(<"$tmp/err.$i")"$'\n'
	[ "$(<"$tmp/out.$i")" = "this is $i" ] || wrong+="machine $i said $(<"$tmp/out.$i")"$'\n'
	wrong+=$(left_over)
done
is '20 machines at once, each with its own input, output and status' "$wrong" ''
ok '... and none of them is left' all_gone

finish
