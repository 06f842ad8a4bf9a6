# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # who sources this sets tree, out, lab
#
# For bisect, series and count: access to the user's git tree of Linux, $tree, which is only read;
# for them and config-bisect: the labs that build and test kernels.  Comes after lib.sh.

# check_tree - dies unless it is such a tree
check_tree()
{
	local top

	[ -n "$tree" ] || die 'LINUX_DIR= is missing: a git tree of Linux'
	top=$(git -C "$tree" rev-parse --show-toplevel 2>&1) || die "$tree is no git tree: ${top%%$'\n'*}"
	[ "$top" -ef "$tree" ] || die "$tree is not the top folder of the git tree $top"
}

# commit NAME - prints its hash
commit()
{
	git -C "$tree" rev-parse -q --verify "$1^{commit}" || die "there is no commit $1 in $tree"
}

# borrow DIR - locks DIR and makes DIR/linux, a repository that reads the objects from the tree,
# even on another file system
borrow()
{
	local dir=$1 objects shallow

	lock_folder "$dir"
	if [ ! -e "$dir/linux" ]; then
		rm -rf "$dir/linux.new"
		git init -q "$dir/linux.new"
		mv "$dir/linux.new" "$dir/linux"
	fi
	objects=$(cd "$tree" && realpath "$(git rev-parse --git-path objects)")
	echo "$objects" >"$dir/linux/.git/objects/info/alternates"
	shallow=$(cd "$tree" && realpath -m "$(git rev-parse --git-path shallow)")
	[ ! -e "$shallow" ] || cp "$shallow" "$dir/linux/.git/shallow"
	# Left behind by one that was killed
	find "$dir/linux/.git" -name '*.lock' -delete
}

# copy_lab OUT LAB - copies the configuration files of OUT, and its programs, to LAB
copy_lab()
{
	copy_files "$1" "$2" "$1"/.config
}

# copy_files OUT LAB FILE... - the same, with these files instead of .config
copy_files()
{
	local file

	mkdir -p "$2"
	# Left incomplete by one that was killed
	[ ! -e "$2/.copying" ] || rm -rf "$2"/{host,.config,*.config}
	: >"$2/.copying"
	if [ -e "$1/host" ]; then
		cp -au "$1/host" "$2/"
	fi
	for file in "$2"/*.config; do
		[ -e "$1/${file##*/}" ] || rm -f "$file"
	done
	for file in "${@:3}" "$1"/*.config; do
		[ ! -e "$file" ] || cmp -s "$file" "$2/${file##*/}" || cp "$file" "$2/"
	done
	rm "$2/.copying"
}

# logs_since FILE LAB - prints what LAB's steps have logged since FILE was written
logs_since()
{
	find "$2" -mindepth 2 -maxdepth 2 -name '*.log' -newer "$1" -exec cat {} +
}

# is_spoilt LOG... - did the build fail for a reason outside of the source: a full disk, or a
# compiler, linker or make that was killed, as gcc, clang, bash or make tells it?
is_spoilt()
{
	local signal='(Killed|Terminated|Interrupt|Hangup)'

	grep -qsE -e 'No space left on device' -e "$signal signal terminated program" \
		-e "terminated with signal [0-9]+ \[$signal" -e ": line [0-9]+: +[0-9]+ $signal " \
		-e "\*\*\* \[.*\] ($signal|Error (129|130|137|143))\$" "$@"
}

# was_ended FOLDER - was the QEMU of that run killed from outside?
was_ended()
{
	grep -qE '"reason": "QEMU was killed by SIG(KILL|TERM|INT|HUP)"' "$1/result.json"
}

# begin_runs NAME VALUE... - begins a job whose runs `try' judges in the lab $lab; NAME VALUE... are
# the variables on make's command line.  Comes after job.sh, too.
begin_runs()
{
	begin_job
	job_results=$lab/host/results
	export KILN_GOAL=$called KILN_RESULTS=$out/results/$called.jsonl KILN_REPEAT
	KILN_REPEAT=$(again "$called" "$out" "$@")
}

# run_folder LAB DIR - prints the folder of a run: the lab's last, or if $KILN_RUN_ON names other hosts,
# below DIR, to where it comes from there.  It has a result.json if there was a machine.
run_folder()
{
	if is_elsewhere; then
		echo "$2/vm/last"
	else
		echo "$1/vm/last"
	fi
}

# run_command LAB DIR - runs $KILN_CMD in a fresh machine of the lab.  Comes after job.sh, as does
# run_folder.
run_command()
{
	local jobs=1 command=${KILN_CMD:-true}

	if is_elsewhere; then
		go_elsewhere "$1"
		KILN_CMD=$command "${elsewhere[@]}" src/commands/count/one "$1" "$2" "$command"
	else
		"$1/host/vm" -O "$1" ${KILN_TIMEOUT:+-t "$KILN_TIMEOUT"} run -- /bin/sh -c "$command"
	fi
}
