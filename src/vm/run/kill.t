#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever is killed, and whenever: KILLS times (50) the supervisor or QEMU of a
# machine gets SIGKILL at a random moment, with a fake QEMU, and nothing is left;
# half as often one of them or a keeper, where spare machines wait; and 20 machines
# at once, each in its folder.  SEED gives the same choices again.
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

# With spares: a random one of all processes that there are
configure $tcg VM_STATES=1 VM_SPARES=1
vm run -- true
vm run -- true
is 'a machine that waited serves' "$status $(of_result start)" '0 spare'

# machines - the processes of those that live
machines()
{
	local one

	while read -r one; do
		[ "$(readlink "/proc/$one/cwd" | grep -cF "$lab/vm")" = 0 ] || echo "$one"
	done <"$FAKE/pids"
}

keepers()
{
	local one

	for one in $(machines); do
		ps -o ppid= -p "$one"
	done | xargs -r ps -o pid=,comm= -p | sed -n 's/ *\([0-9]*\) vm-keeper$/\1/p'
}

at_most_one_lives()
{
	[ "$(machines | wc -l)" -le 1 ]
}

# kill_spare WHO MS - prints what is wrong
kill_spare()
{
	local who=$1 ms=$2 run pid status

	"$VM" -O "$lab" run -- sh -c 'cat /etc/passwd; sleep 0.1' \
		</dev/null >"$tmp/out" 2>"$tmp/err" &
	run=$!
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
	case $who in
	supervisor) pid=$(newest) ;;
	qemu) pid=$(machines | shuf -n 1) ;;
	keeper) pid=$(keepers | shuf -n 1) ;;
	esac
	[ -z "$pid" ] || kill -KILL "$pid"
	wait "$run"
	status=$?

	case $status in
	0) cmp "$tmp/out" /etc/passwd ;;
	255) [ "$who" != supervisor ] || echo 'status 255' ;;
	137) [ "$who" = supervisor ] || echo "status 137 after the death of $who" ;;
	*) echo "status $status" ;;
	esac
	await at_most_one_lives || echo 'too many machines live'
	released || echo 'the folder is held'
	left_over
} 2>/dev/null

wrong=
hits=0
victims=(supervisor qemu keeper)
for ((i = 0; i < kills / 2; i++)); do
	who=${victims[RANDOM % 3]}
	ms=$((RANDOM % (took / 2 + 1)))
	found=$(kill_spare "$who" $ms)
	[ "$(of_result outcome 2>/dev/null)" = passed ] || hits=$((hits + 1))
	if [ -n "$found" ]; then
		wrong+="$who killed after $ms ms: $found"$'\n'
	fi
done
is "$((kills / 2)) kills where machines wait lose no run and leave no machine" "$wrong" ''
echo "# $hits of $((kills / 2)) hit a run"
vm run -- sh -c 'exit 3'
is '... the next run is as good as ever' "$status" 3
vm stop
ok '... and vm stop leaves nothing' all_gone
is '... at all' "$(left_over)$(ls "$lab/vm/spares" 2>/dev/null)" ''

# Side by side
configure $tcg
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
