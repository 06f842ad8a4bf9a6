#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How a command ended in its machine is kept, and with JSON=1 that is all that is printed.
#
# Needs: fakes

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

mkdir "$lab/host"
ln -s "$VM" "$lab/host/vm"
ln -s "$LAB/host/results" "$lab/host/results"
configure $tcg
kept=$lab/results/run.jsonl

# goal GOAL NAME=VALUE... - as make has it done; sets $status, $tmp/out, $tmp/err
goal()
{
	local words=("$1") word

	for word; do
		[[ $word != KILN_CMD=* ]] || words+=(-- /bin/sh -c "${word#*=}")
	done
	env "${@:2}" timeout 100 src/engine/machine "$1" "$lab" "${words[@]}" <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
	status=$?
}
: >"$tmp/in"

# of FILTER [FILE] - what jq makes of the last line that was kept
of() { tail -n 1 "${2:-$kept}" | jq -r "$1"; }

goal run KILN_CMD='echo said; exit 3'
is 'a command says what it says' "$status $(<"$tmp/out")" '3 said'
is '... and how it ended is kept' "$(of '[.goal, .test, .command, .verdict, .why, .status] | join("|")')" \
	'run|echo said; exit 3|echo said; exit 3|fails|the command ended with status 3|3'
is '... with the line that does it again' "$(of .repeat)" "make run O=${lab@Q} CMD='echo said; exit 3'"
ok '... and the folder of its run' test -e "$(of .folder)/console.log"
goal run KILN_CMD='echo out; echo err >&2; printf "\200\0<"; echo ok 1 - one' KILN_JSON=1 KILN_TIMEOUT=50
is 'with JSON=1 all is one line of JSON' "$status $(wc -l <"$tmp/out") $(of '[.verdict, .stdout.bytes, .stdout.first, .stderr.first] | join("|")' "$tmp/out")" \
	'0 1 passed|18|out
\x80\x00<ok 1 - one
|err'
is '... which was kept, but for what is in files' "$(of 'del(.stdout, .stderr)' "$tmp/out")" "$(of .)"
is '... that are named' "$(head -c 3 "$(of .stdout.file "$tmp/out")") $(<"$(of .stderr.file "$tmp/out")")" 'out err'
goal run KILN_CMD='head -c 100000 /dev/zero | tr "\0" x; echo end' KILN_JSON=1
is '... of much both ends' "$(of '.stdout | [.bytes, (.first | length), (.last | length), .last[-4:-1]] | join(" ")' "$tmp/out")" \
	'100004 16384 16384 end'
FAKE_TCG=late-panic goal run KILN_CMD=true KILN_JSON=1
is '... of one that panics, too' "$status $(of .verdict "$tmp/out")" '255 panic'
lines=$(wc -l <"$kept")
mv "$lab/linux/vmlinux.stripped" "$tmp/"
goal run KILN_CMD=true KILN_JSON=1
mv "$tmp/vmlinux.stripped" "$lab/linux/"
is 'where there was no machine nothing is kept' "$status $(wc -l <"$kept") $(wc -c <"$tmp/out")" "125 $lines 0"
ok '... and all that is kept can be read' "$LAB/host/results" check "$kept"

# Several at once: each notes its own run
running=()
for one in 1 2 3 4; do
	env KILN_CMD="exit 1$one" src/engine/machine run "$lab" run -- /bin/sh -c "exit 1$one" 2>/dev/null &
	running+=($!)
done
wait "${running[@]}"
is 'machines at once are told apart' "$(tail -n 4 "$kept" | jq -r '"\(.command) \(.status)"' | sort | paste -sd ,)" \
	'exit 11 11,exit 12 12,exit 13 13,exit 14 14'

# The machine that runs
goal status KILN_JSON=1
is 'status is JSON' "$(of '[.goal, .running, .last.outcome] | map(tostring) | join(" ")' "$tmp/out")" 'status false failed'
goal start KILN_JSON=1
is '... so is start' "$(of '[.goal, .status] | map(tostring) | join(" ")' "$tmp/out")" 'start 0'
goal exec KILN_CMD='echo there; exit 4' KILN_JSON=1
is '... exec' "$status $(of '[.goal, .status, .stdout.first] | map(tostring) | join(" ")' "$tmp/out")" '4 exec 4 there'
goal status KILN_JSON=1
is '... status of one that runs' "$(of .running "$tmp/out")" true
goal stop KILN_JSON=1
is '... and stop' "$(of '[.goal, .status] | map(tostring) | join(" ")' "$tmp/out")" 'stop 0'
for goal in run exec console trace; do
	goal $goal KILN_JSON=1
	is "$goal for a terminal is no JSON" "$status-$(wc -c <"$tmp/out")-$(grep -c "^make: $goal .*JSON" "$tmp/err")" 1-0-1
done

# What is built before
failing()
{
	mkdir -p "$tmp/built/linux"
	printf '#!/bin/bash\n%s\nexit 2\n' "$1" >"$tmp/failing"
	src/engine/as-json "$tmp/built" 'run' bash "$tmp/failing" >"$tmp/out" 2>"$tmp/err"
	status=$?
}
failing 'echo "  linux build"; echo "kernel/a.c:12:5: error: no such \"thing\" <\\o/>" >"'"$tmp"'/built/linux/build.log"; echo failed >&2'
is 'a build that fails is JSON, with the place' "$status $(of '[.goal, .file, .line, .column, .error] | join("|")' "$tmp/out")" \
	'2 run|kernel/a.c|12|5|no such "thing" <\o/>'
is '... and what it says is on standard error' "$(sort "$tmp/err")" '  linux build
failed'
failing 'echo "src/x.mk:3: *** this cannot be.  Stop." >&2'
is '... so is a configuration that cannot be' "$status $(of .error "$tmp/out")" '2 this cannot be'

finish
