# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034,SC2190 # job.sh and who sources that set and read the rest
#
# Runs units of a job on other hosts: $KILN_RUN_ON is ssh:HOST[/SLOTS],... or slurm[:PARTITION].
# Comes after job.sh.
#
# A slot runs one unit at a time; $KILN_SLOTS is a folder that all units of the job share:
#
#	set		bash variables that `unit' reads
#	slot.N		locked by the unit that uses this slot
#	dropped/HOST	this host is not used any more
#	life		a fifo: its readers end when all processes that could write to it have ended

tools=src/engine/elsewhere
hosts=()
slots=()
declare -A renamed=() copied=() asked=() connections=()
srun=()

# Messages about a host go to the terminal, even if a unit's output goes elsewhere.
say() { echo "$called: $1" >&2; }

# Drops a host, with the reason.
leave_out()
{
	: >"$KILN_SLOTS/dropped/$1"
	say "$1 is left out: $2"
}

ssh_options=(-T -a -x -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3
	-o ControlPersist=no -o ClearAllForwardings=yes -o RemoteCommand=none -o LogLevel=ERROR)

# Slots per connection: by default sshd allows ten sessions on each.
sessions=8

# connect HOST NUMBER - opens a connection that others share; it ends with this job
connect()
{
	local up

	exec {up}< <(exec {life}>&- && exec ssh "${ssh_options[@]}" -M -S "$KILN_SLOTS/$1.$2" "$1" \
		'echo up && exec cat' <"$KILN_SLOTS/life" 2>"$KILN_SLOTS/$1.$2.log")
	connections[$1.$2]=$up
}

# is_connected HOST NUMBER - waits until it is open, or has failed
is_connected()
{
	local word

	read -r word <&"${connections[$1.$2]}" && [ "$word" = up ]
}

# last_line FILE - prints the last message; tar prints the cause first
last_line() { grep -v '^tar: \(Exiting\|Error is not\)' "$1" | tail -n 1 | tr -d '\r'; }

# on HOST WORD... - runs a command there, over the first connection
on() { ssh "${ssh_options[@]}" -S "$KILN_SLOTS/$1.0" "$@"; }

# Lists the files of the checkout that run there.
top_files()
{
	find src/engine src/commands/{count,test,kunit,kselftest} \( -type f -o -type l \) ! -name '.*'
	find kmod/*/*.t bpf/*/*.t recipes/processor/*/values.mk -maxdepth 0 2>/dev/null || true
}

# lab_files LAB - lists the files of the lab that its machines need
lab_files()
{
	local file kernel names=(host/{vm,results} run vm/{splats,allowed,decode,devices,processor}
		include/config/auto.conf rootfs/initramfs.cpio modules/.install kselftest/kselftest-list.txt
		kselftest/build.log linux/build/{.config,modules.order,include/config/kernel.release})

	kernel=$(sed -n 's/^processor_kernel := //p' "$1/vm/processor" 2>/dev/null) || true
	cd "$1" || return
	names+=("${kernel:-linux/vmlinux.stripped}")
	# Decodes the addresses of a splat.
	! grep -qx CONFIG_DEBUG_INFO=y linux/build/.config 2>/dev/null || names+=(linux/build/vmlinux)
	for file in "${names[@]}"; do
		[ ! -e "$file" ] || echo "$file"
	done
	find -H modules -path modules/root -prune -o \( -type l -o -type f \( -name '*.ko' -o -perm -100 \) \) -print 2>/dev/null || true
	find -H kselftest/install \( -type f -o -type l \) 2>/dev/null || true
}

# pack LAB NAME FOLDER - writes to FOLDER the list of files to copy and their checksums, with the
# lab named NAME; prints the checksum of everything
pack()
{
	mkdir -p "$3/beside"
	top_files | sort -u >"$3/top"
	(lab_files "$1") | sort -u >"$3/lab"
	{
		xargs -rd '\n' stat -c '# %A %n %N' <"$3/top"
		(cd "$1" && xargs -rd '\n' stat -c '# %A %n %N') <"$3/lab"
		xargs -rd '\n' sha256sum <"$3/top"
		while read -r file; do
			[ -h "$1/$file" ] || printf '%s\n' "$file"
		done <"$3/lab" | (cd "$1" && xargs -rd '\n' sha256sum) | sed "s,  ,  $2/,"
		(cd "$KILN_SLOTS" && find beside -type f -exec sha256sum {} +)
	} >"$3/beside/.sums"
	checksum <"$3/beside/.sums"
}

# Prints everything as archives, one after the other.
archives()
{
	tar -c --format=posix -T "$3/top"
	tar -c --format=posix --transform="s,^,$2/,S" -C "$1" -T "$3/lab"
	tar -c -C "$KILN_SLOTS" beside
	tar -c -C "$3/beside" .sums
}

# send HOST HASH LAB NAME FOLDER - copies it to the host, unless that has it; prints an error
# message
send()
{
	local host=$1 hash=$2 answer mib

	mib=$((($(cd "$3" && xargs -rd '\n' stat -Lc %s <"$5/lab" | paste -sd +) >> 20) + 1))
	answer=$(on "$host" "exec bash -s ask $hash $mib" <$tools/arrive) || return
	[ "$answer" != has ] || return 0
	archives "${@:3}" | on "$host" "umask 077; exec tar -x -i --no-same-owner --no-same-permissions -f - -C \"\$HOME/.cache/kiln/$answer\"" || return
	on "$host" "exec bash -s take $hash $answer" <$tools/arrive
}

# ready HOST LAB... - prepares the host for all labs; writes its number of slots and its QEMU to
# HOST.look
ready()
{
	local host=$1 lab

	for lab in "${@:2}"; do
		send "$host" "${hashes[$lab]}" "$lab" "${renamed[$lab]}" "$KILN_SLOTS/pack.${hashes[$lab]}" || return
	done
	# shellcheck disable=SC2029 # they are words of ours
	on "$host" "exec bash \"\$HOME/.cache/kiln/${hashes[$lab]}/$tools/look\" ${renamed[$lab]}"
}

# name_there LAB - prints the name of its folder there: the relative path here, if possible
name_there()
{
	if [[ $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] && [[ ! $1 =~ ^(src|recipes|kmod|bpf|beside)$ ]]; then
		echo "$1"
	else
		echo a-lab-of-kiln
	fi
}

# Only what is copied is there.
need_small_root()
{
	local auto_conf=$1/include/config/auto.conf symbol

	for symbol in ROOTFS_IS_9P ROOTFS_IS_DISK QEMU_BUILT VM_KMOD VM_HAS_DISKS; do
		! is_on $symbol 2>/dev/null ||
			die "RUN_ON=ssh: sends a kernel and an initramfs; $1 has $symbol=y, and that stays here (RUN_ON=slurm sees it)"
	done
}

# reach_ssh HOSTS LAB... - connects to HOSTS, in the form of RUN_ON; sets $hosts, and $asked to the
# number of slots that each was given
reach_ssh()
{
	local word host lab list=()

	command -v ssh >/dev/null || die "RUN_ON=ssh: there is no ssh here"
	IFS=, read -ra list <<<"$1"
	shift
	[ ${#list[@]} != 0 ] || die 'RUN_ON=ssh: names no host'
	for word in "${list[@]}"; do
		[[ $word =~ ^([A-Za-z0-9_][A-Za-z0-9_.@%:-]*)(/([1-9][0-9]{0,3}))?$ ]] ||
			die "RUN_ON=ssh: \`$word' is no host, which is NAME, USER@NAME, or NAME/4 for four machines at a time"
		[ -z "${asked[${BASH_REMATCH[1]}]+twice}" ] || die "RUN_ON=ssh: names ${BASH_REMATCH[1]} twice"
		hosts+=("${BASH_REMATCH[1]}")
		asked[${BASH_REMATCH[1]}]=${BASH_REMATCH[3]}
	done
	for lab; do
		need_small_root "$lab"
	done
	for host in "${hosts[@]}"; do
		connect "$host" 0
	done
	for host in "${hosts[@]}"; do
		is_connected "$host" 0 || die "RUN_ON=ssh: $host: $(last_line "$KILN_SLOTS/$host.0.log")"
	done
}

# by_ssh LAB... - prepares the hosts that were reached
by_ssh()
{
	local word host lab number
	local -A hashes=()

	for lab; do
		renamed[$lab]=$(name_there "$lab")
		hashes[$lab]=$(pack "$lab" "${renamed[$lab]}" "$KILN_SLOTS/pack")
		[ -d "$KILN_SLOTS/pack.${hashes[$lab]}" ] || mv "$KILN_SLOTS/pack" "$KILN_SLOTS/pack.${hashes[$lab]}"
		rm -rf "$KILN_SLOTS/pack"
		homes[$lab]=.cache/kiln/${hashes[$lab]}
	done
	for host in "${hosts[@]}"; do
		ready "$host" "$@" >"$KILN_SLOTS/$host.look" 2>"$KILN_SLOTS/$host.log" &
		readying[$host]=$!
	done
	choose_hosts "$1"
	for host in "${hosts[@]}"; do
		[ ! -e "$KILN_SLOTS/dropped/$host" ] || continue
		for ((number = 0; number < ${asked[$host]:-${found[$host]}}; number++)); do
			[ $number = 0 ] || [ $((number % sessions)) != 0 ] || connect "$host" $((number / sessions))
			slots+=("$host $((number / sessions))")
		done
	done
	for word in "${!connections[@]}"; do
		[ "${word##*.}" = 0 ] || is_connected "${word%.*}" "${word##*.}" || true
	done
}

# choose_hosts LAB - waits for the hosts in $readying, and drops those that fail or whose QEMU
# differs from the one here or, if there is none, from the first host's; $found has the number of
# slots of each
choose_hosts()
{
	local host count words qemu

	qemu=$($tools/look "$1" 2>/dev/null | cut -f 2) || true
	for host in "${hosts[@]}"; do
		if ! wait "${readying[$host]}"; then
			words=$(last_line "$KILN_SLOTS/$host.log")
			leave_out "$host" "${words:-it answers no more}"
			continue
		fi
		IFS=$'\t' read -r count words <"$KILN_SLOTS/$host.look"
		found[$host]=$count
		: "${qemu:=$words}"
		[ "$words" = "$qemu" ] || leave_out "$host" "it has $words, and here is $qemu"
	done
	for host in "${hosts[@]}"; do
		[ -e "$KILN_SLOTS/dropped/$host" ] || return 0
	done
	die "RUN_ON=$KILN_RUN_ON: no host is left"
}

# All machines get the memory of the largest.
room_for()
{
	local auto_conf lab mine

	cpus=1
	memory=1
	for lab; do
		auto_conf=$lab/include/config/auto.conf
		mine=$(value VM_CPUS 2>/dev/null) || mine=1
		[ "$mine" -le "$cpus" ] || cpus=$mine
		mine=$(value VM_MEMORY 2>/dev/null) || mine=256
		# QEMU's own memory
		[ $((mine + 64)) -le "$memory" ] || memory=$((mine + 64))
	done
}

# idle_tasks PARTITION - prints how many tasks can run there now, at least one
idle_tasks()
{
	sinfo -h -N -p "$1" -O NodeList:64,CPUsState:64,Memory:32,AllocMem:32 |
		awk -v cpus="$cpus" -v memory="$memory" '{
			split($2, state, "/")
			some = int(state[2] / cpus)
			# A cluster that does not manage memory says 1.
			room = $3 > 1 ? int(($3 - $4) / memory) : some
			idle += some < room ? some : room
		} END { print (idle > 0 ? idle : 1) }'
}

# Run by salloc: prints the allocation, NODE/TASKS for each node, and waits for the end of this job.
# shellcheck disable=SC2016 # expanded by that shell
allocated='mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
	echo "$SLURM_JOB_ID $SLURM_TASKS_PER_NODE ${nodes[*]}"
	exec cat'

# Gets an allocation, which is released when this job ends, however it ends; sets $job and $slots.
allocate()
{
	local granted tasks nodes counts=() count

	exec {granted}< <(exec {life}>&- && exec salloc --no-kill -Q -J kiln -n "$1" "${@:2}" bash -c "$allocated" \
		<"$KILN_SLOTS/life" 2>"$KILN_SLOTS/salloc.log")
	read -r -t 3 job tasks nodes <&"$granted" || [ $? -le 128 ] || {
		say "waits for Slurm: $1 tasks are asked for"
		read -r job tasks nodes <&"$granted"
	} || true
	[ -n "$job" ] || die "RUN_ON=$KILN_RUN_ON: $(last_line "$KILN_SLOTS/salloc.log")"
	# In the form `2(x3),1'
	mapfile -t counts < <(tr , '\n' <<<"$tasks" | sed 's/[(x)]/ /g' | awk '{ for (i = 0; i < ($2 ? $2 : 1); i++) print $1 }')
	for host in $nodes; do
		hosts+=("$host")
		for ((count = 0; count < counts[0]; count++)); do
			slots+=("$host 0")
		done
		counts=("${counts[@]:1}")
	done
}

# reach_slurm PARTITION - asks for it; sets $partition
reach_slurm()
{
	local word

	partition=${1#:}
	for word in sinfo salloc srun scontrol; do
		command -v $word >/dev/null || die "RUN_ON=slurm: there is no Slurm here: $word is missing"
	done
	[[ $1 =~ ^(:[A-Za-z0-9_.-]+)?$ ]] || die "RUN_ON=slurm$1: it is slurm, or slurm:PARTITION"
	word=$(sinfo -h -o %P 2>"$KILN_SLOTS/sinfo.log") || die "RUN_ON=slurm: $(last_line "$KILN_SLOTS/sinfo.log")"
	: "${partition:=$(sed -n 's/\*$//p' <<<"$word")}"
	grep -qx -e "$partition\*\?" <<<"$word" ||
		die "RUN_ON=slurm:$partition: there is no such partition; there are: $(tr -d '*' <<<"$word" | paste -sd ' ')"
}

# by_slurm JOBS LAB... - one allocation, of which each unit is a step
by_slurm()
{
	local tasks=$1 cpus memory job='' host word booked=()

	room_for "${@:2}"
	[ "$tasks" != auto ] || tasks=$(idle_tasks "$partition")
	booked=(-c "$cpus" --mem-per-cpu=$(((memory + cpus - 1) / cpus)))
	allocate "$tasks" -p "$partition" "${booked[@]}"
	srun=(srun -Q "--jobid=$job" -N1 -n1 --exact --export=ALL "${booked[@]}")
	for host in "${hosts[@]}"; do
		"${srun[@]}" -w "$host" $tools/look "$2" >"$KILN_SLOTS/$host.look" 2>"$KILN_SLOTS/$host.log" </dev/null &
		readying[$host]=$!
	done
	choose_hosts "$2"
	for word in "${!slots[@]}"; do
		[ ! -e "$KILN_SLOTS/dropped/${slots[word]% *}" ] || unset "slots[$word]"
	done
}

# beside FILE - also sends FILE, which may be anywhere
beside()
{
	local place=beside/${#copied[@]}

	mkdir -p "$KILN_SLOTS/$place"
	cp "$1" "$KILN_SLOTS/$place/"
	copied[$1]=$place/${1##*/}
}

# Slots alternate between hosts.
mix_slots()
{
	local slot

	mapfile -t slots < <(printf '%s\n' "${slots[@]}" | awk '{ print ++turn[$1], $0 }' | sort -sn | cut -d ' ' -f 2-)
	for slot in "${!slots[@]}"; do
		: >"$KILN_SLOTS/slot.$slot"
	done
}

# reach LAB... - reaches the hosts or the cluster of $KILN_RUN_ON, or dies; what that opens ends with
# this script
reach()
{
	KILN_SLOTS=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/kiln.XXXXXX")
	trap 'rm -rf "$KILN_SLOTS"' EXIT
	mkdir "$KILN_SLOTS/dropped" "$KILN_SLOTS/beside"
	mkfifo "$KILN_SLOTS/life"
	exec {life}<>"$KILN_SLOTS/life"
	case $KILN_RUN_ON in
	ssh:*) reach_ssh "${KILN_RUN_ON#ssh:}" "$@" ;;
	slurm | slurm:*) reach_slurm "${KILN_RUN_ON#slurm}" ;;
	*) die "RUN_ON=$KILN_RUN_ON: must be local, ssh:HOST,HOST/4 or slurm[:PARTITION]" ;;
	esac
}

# run_on JOBS LAB... [-- FILE...] - prepares the hosts or the cluster of $KILN_RUN_ON; sets
# $elsewhere, the prefix of a unit's command, and $jobs.  FILEs are files outside of the labs that
# units name.
run_on()
{
	local labs=() most=$1 file life partition
	local -A homes=() found=() readying=()

	shift
	while [ $# != 0 ] && [ "$1" != -- ]; do
		labs+=("$1")
		shift
	done
	[ $# = 0 ] || shift
	reach "${labs[@]}"
	kind=${KILN_RUN_ON%%:*}
	if [ "$kind" = ssh ]; then
		for file in "$@" ${KILN_KNOWN:+"$KILN_KNOWN"}; do
			[[ $file =~ ^(kmod|bpf|src)/ ]] || beside "$file"
		done
		by_ssh "${labs[@]}"
	else
		by_slurm "$most" "${labs[@]}"
	fi
	mix_slots
	jobs=${#slots[@]}
	[ "$most" = auto ] || [ "$most" -gt "$jobs" ] || jobs=$most
	elsewhere=("$tools/unit")
	exec {KILN_TELL}>&2
	export KILN_SLOTS KILN_TELL
	declare -p kind slots renamed copied homes ssh_options srun >"$KILN_SLOTS/set"
}
