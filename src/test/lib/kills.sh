# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # who sources this sets longest and reads event, hits
#
# Random processes of a make get random signals at random moments.  SEED gives the same choices
# again, though not the same moments.  Comes after tap.sh.

RANDOM=${SEED:=$RANDOM}
hits=0

# living SESSION - its processes
living()
{
	ps -s "$1" -o pid=,stat= | awk '$2 !~ /^Z/ { print $1 }'
}

# awaits the end of SESSION; what lasts longer is ended, and an error
await_end()
{
	local i

	for ((i = 0; i < 1200; i++)); do
		[ -n "$(living "$1")" ] || return 0
		sleep 0.05
	done
	ps -s "$1" -o pid,ppid,stat,args
	living "$1" | xargs kill -KILL
	return 1
}

# disturb COMMAND... - runs it on until a random process gets a random signal, within $longest
# milliseconds.  What happened is in $event, and counts in $hits.
disturb()
{
	local session pids pid signals=(INT TERM KILL)
	local signal=${signals[RANDOM % 3]} moment=$((RANDOM % longest))

	setsid "$@" >"$tmp/killed" 2>&1 &
	session=$!
	disown # bash would report its end
	sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
	mapfile -t pids < <(living $session)
	# A make of the sources that is killed leaves the most.
	if [ $((RANDOM % 3)) = 0 ] && pid=$(pgrep -s $session -f inside=y); then
		mapfile -t pids <<<"$pid"
		signal=KILL
	fi
	event="after $moment ms: no process"
	if [ ${#pids[@]} -gt 0 ]; then
		pid=${pids[RANDOM % ${#pids[@]}]}
		event="after $moment ms: SIG$signal to $(ps -p "$pid" -o args= | tr '\n\t' '  ' | cut -c1-60)"
		kill -"$signal" "$pid" 2>/dev/null && hits=$((hits + 1))
	fi
	# Half of the time the next make is started without mercy.
	[ $((RANDOM % 2)) = 0 ] || return 0
	await_end $session
}
