# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # who sources this sets out and dir; value reads
#
# A job: what one command starts, machine by machine and some of them side by side.  Comes after
# lib.sh, in a script whose $out is the lab and $dir a folder of its own; the program results is that
# of the lab, or $job_results.

# take_folder - empties $dir, which is this script's until it and all that it has started have ended
take_folder()
{
	mkdir -p "$dir"
	exec {job_lock}<"$dir"
	flock -n "$job_lock" || die "another make uses $dir"
	find "$dir" -mindepth 1 -delete
}

# begin_job - names it; with $KILN_JSON, which those that it starts do not have, standard output
# is left for its lines
begin_job()
{
	KILN_JOB=$(job_name)
	export KILN_JOB
	[ -z "${KILN_JUNIT-}" ] || : 2>/dev/null >"$KILN_JUNIT" || die "JUNIT=$KILN_JUNIT: this file cannot be written"
	[ -z "${KILN_JSON-}" ] || exec {job_lines}>&1 >&2
	unset KILN_JSON
}

# tell_job RESULTS... - prints the job's lines in these files, and writes them to $KILN_JUNIT, as
# far as one or the other is asked for
tell_job()
{
	local file results=()

	for file; do
		[ ! -e "$file" ] || results+=("$file")
	done
	[ -z "${KILN_JUNIT-}" ] || "${job_results:-$out/host/results}" -j "$KILN_JOB" junit "${results[@]}" >"$KILN_JUNIT"
	[ -z "${job_lines-}" ] || "${job_results:-$out/host/results}" -j "$KILN_JOB" lines "${results[@]}" >&"$job_lines"
}

# tell_object GOAL NAME=VALUE... - prints such a line, if lines are asked for, that is no result
tell_object()
{
	[ -z "${job_lines-}" ] || "${job_results:-$out/host/results}" object "goal=$1" "${@:2}" >&"$job_lines"
}

# Is it to run on other hosts?  In a script that says go_elsewhere, or its units, after how_many.
is_elsewhere() { [[ ${KILN_RUN_ON:-local} != local && -z ${KILN_SLOTS-} ]]; }

# What stands before the words of what runs one unit: on other hosts a program that has it run there
elsewhere=()

# go_elsewhere LAB... [-- FILE...] - has other hosts ready for units of these labs, which also
# name these files, and sets $elsewhere and $jobs, if they are asked for
go_elsewhere()
{
	is_elsewhere || return 0
	. src/engine/elsewhere/hosts.sh
	run_on "$jobs" "$@"
}

# how_many ASKED - prints how many machines run side by side: ASKED, or if that is `auto' one for
# each processor, as long as there is memory for all; on other hosts that stays `auto'
how_many()
{
	local auto_conf=$out/include/config/auto.conf each free most

	if is_elsewhere && [ "$1" = auto ]; then
		echo auto
		return
	elif [ "$1" != auto ]; then
		[[ $1 =~ ^[1-9][0-9]{0,3}$ ]] || die "JOBS=$1: must be a number from 1 to 9999"
		echo "$1"
		return
	fi
	most=$(nproc)
	# QEMU itself has some.
	each=$(($(value VM_MEMORY 2>/dev/null || echo 256) + 64))
	free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
	[ $((most * each)) -le "$free" ] || most=$((free / each))
	echo $((most > 0 ? most : 1))
}

# Of each that side_by_side has begun, by its number: the process, then its status
declare -A job_processes=()
declare -A job_statuses=()

# ended NUMBER STATUS - is called for each, in the order in which they end; a script may have
# another one, which may also set $enough
ended() { :; }

# Those that have ended become statuses.  That there is no machine here is true for all.
reap_jobs()
{
	local running number status

	running=" $(jobs -pr | tr '\n' ' ')"
	for number in "${!job_processes[@]}"; do
		[[ $running != *" ${job_processes[$number]} "* ]] || continue
		status=0
		wait "${job_processes[$number]}" || status=$?
		unset "job_processes[$number]"
		job_statuses[$number]=$status
		[ $status != 125 ] || enough=1
		ended "$number" $status
	done
}

# Prints what those have printed before which all have ended.
show_jobs()
{
	while [ -n "${job_statuses[$shown]-}" ]; do
		cat "$dir/said/$shown"
		rm "$dir/said/$shown"
		shown=$((shown + 1))
	done
}

# Ends what has begun, with all that it has started, and then the script.
end_jobs()
{
	local groups group i

	trap '' INT TERM HUP
	groups=$(jobs -pr)
	for group in $groups; do
		kill "$group" 2>/dev/null || true
	done
	for group in $groups; do
		for ((i = 0; i < 200; i++)); do
			kill -0 -- "-$group" 2>/dev/null || break
			sleep 0.05
		done
	done
	exit 130
}

# side_by_side JOBS TOTAL FUNCTION - TOTAL times runs what FUNCTION NUMBER, which counts from 0,
# puts into the array $command, JOBS at a time.  What they print is printed in the order of
# the numbers.  Fails if no machine can be had here: one ended with 125.
side_by_side()
{
	local jobs=$1 total=$2 choose=$3 number=0 shown=0 enough='' command=()

	job_statuses=()
	mkdir -p "$dir/said"
	trap end_jobs INT TERM HUP
	while true; do
		while [ $number -lt "$total" ] && [ -z "$enough" ] && [ ${#job_processes[@]} -lt "$jobs" ]; do
			"$choose" $number
			# It makes a group of processes of that, to which it passes on by what it is ended.
			timeout 0 "${command[@]}" >"$dir/said/$number" </dev/null &
			job_processes[$number]=$!
			number=$((number + 1))
		done
		[ ${#job_processes[@]} != 0 ] || break
		wait -n || true
		reap_jobs
		show_jobs
	done
	trap - INT TERM HUP
	rm -rf "$dir/said"
	[[ " ${job_statuses[*]} " != *' 125 '* ]]
}
