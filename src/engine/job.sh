# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # who sources this sets out and dir; value reads
#
# A job: the machines that one command starts, some of them in parallel.  Comes after lib.sh, in a
# script that sets $out, the lab, and $dir, a folder of its own; results are written by the program
# results of the lab, or by $job_results.

# take_folder - locks $dir and empties it
take_folder()
{
	lock_folder "$dir"
	find "$dir" -mindepth 1 -delete
}

# begin_job - gives the job a name; with $KILN_JSON, which is unset for the programs that it starts,
# standard output is reserved for lines of JSON
begin_job()
{
	KILN_JOB=$(job_name)
	export KILN_JOB
	[ -z "${KILN_JUNIT-}" ] || : 2>/dev/null >"$KILN_JUNIT" || die "JUNIT=$KILN_JUNIT: this file cannot be written"
	[ -z "${KILN_JSON-}" ] || exec {job_lines}>&1 >&2
	unset KILN_JSON
}

# tell_job RESULTS... - prints the job's lines in these files, and writes them to $KILN_JUNIT, if
# these outputs are wanted
tell_job()
{
	local file written=()

	for file; do
		[ ! -e "$file" ] || written+=("$file")
	done
	[ -z "${KILN_JUNIT-}" ] || "${job_results:-$out/host/results}" -j "$KILN_JOB" junit "${written[@]}" >"$KILN_JUNIT"
	[ -z "${job_lines-}" ] || "${job_results:-$out/host/results}" -j "$KILN_JOB" lines "${written[@]}" >&"$job_lines"
}

# tell_object GOAL NAME=VALUE... - prints a line of JSON that is not a result, if JSON is wanted
tell_object()
{
	[ -z "${job_lines-}" ] || "${job_results:-$out/host/results}" object "goal=$1" "${@:2}" >&"$job_lines"
}

# Does the job run on other hosts?  For a script that calls go_elsewhere, and for its units; after
# how_many.
is_elsewhere() { [[ ${KILN_RUN_ON:-local} != local && -z ${KILN_SLOTS-} ]]; }

# Prefix of the command of a unit: on other hosts, the program that runs it there
elsewhere=()

# go_elsewhere LAB... [-- FILE...] - if other hosts are wanted, prepares them for units of these
# labs and for these files, and sets $elsewhere and $jobs
go_elsewhere()
{
	is_elsewhere || return 0
	. src/engine/elsewhere/hosts.sh
	run_on "$jobs" "$@"
}

# check_elsewhere LAB - dies if other hosts are wanted, and cannot be had for units of this lab; for a
# script that works long before it goes there
check_elsewhere()
{
	is_elsewhere || return 0
	(
		# shellcheck source=/dev/null
		. src/engine/elsewhere/hosts.sh
		reach "$1"
	)
}

# how_many ASKED - prints how many machines run in parallel: ASKED, or if that is `auto' one per
# processor as far as memory allows; on other hosts `auto' is printed unchanged
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
	# QEMU's own memory
	each=$(($(value VM_MEMORY 2>/dev/null || echo 256) + 64))
	free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
	[ $((most * each)) -le "$free" ] || most=$((free / each))
	echo $((most > 0 ? most : 1))
}

# For each unit that side_by_side has started, by its number: the process id, then its status
declare -A job_processes=()
declare -A job_statuses=()

# ended NUMBER STATUS - is called for each unit when it ends; a script may redefine it, and may set
# $enough in it to start no more
ended() { :; }

# Collects the statuses of units that have ended.  125, no machine, applies to all units.
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

# Prints the output of all units before which every other unit has ended.
show_jobs()
{
	while [ -n "${job_statuses[$shown]-}" ]; do
		cat "$dir/said/$shown"
		rm "$dir/said/$shown"
		shown=$((shown + 1))
	done
}

# Ends all running units, with all that they started, and then the script.
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

# side_by_side JOBS TOTAL FUNCTION - runs TOTAL commands, JOBS at a time; FUNCTION NUMBER, counting
# from 0, puts each into the array $command.  Their output is printed in the order of the numbers.
# Fails if no machine can be started here: one ended with 125.
side_by_side()
{
	local jobs=$1 total=$2 choose=$3 number=0 shown=0 enough='' command=()

	job_statuses=()
	mkdir -p "$dir/said"
	trap end_jobs INT TERM HUP
	while true; do
		while [ $number -lt "$total" ] && [ -z "$enough" ] && [ ${#job_processes[@]} -lt "$jobs" ]; do
			"$choose" $number
			# Makes the command a process group of its own, and passes the signal that
			# ends it on.
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
