#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# RUN_ON=slurm: what one command starts runs as steps of one allocation, on three nodes that are
# daemons on this host in a network of the test's own; one of them is lost.
#
# shellcheck disable=SC2016,SC2317 # what others expand; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/sshd.sh
. src/test/lib/sshd.sh
own_network "$@"
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakelab.sh
. src/test/fake/fakelab.sh
# shellcheck source=src/test/lib/slurm.sh
. src/test/lib/slurm.sh

may_slurm || skip_all 'this needs root and Slurm'
unset "${!KILN_@}" "${!SLURM_@}" MAKEFLAGS MAKELEVEL MFLAGS
out=$tmp/out
results=$out/results/run.jsonl
export XDG_RUNTIME_DIR=$tmp/runtime TMP=$tmp TMPDIR=$tmp/scratch
mkdir "$XDG_RUNTIME_DIR" "$TMPDIR"
trap 'slurm_end; rm -rf "$tmp"' EXIT
slurm_begin || skip_all "Slurm does not start: $(tail -qn 1 "$tmp"/slurm/*.said "$tmp"/slurm/*.log | paste -sd ' ')"
make_lab "$out"

nodes() { jq -r .host "$results" | sort -u | xargs; }

# all_gone - the allocation, what has run in it, and its folders
all_gone()
{
	local i

	flock -w 20 "$tmp/alive" true || return
	for ((i = 0; i < 400; i++)); do
		[ -n "$(squeue -h -t R,PD,CG)$(find "$TMPDIR" "$XDG_RUNTIME_DIR" -mindepth 1)" ] || return 0
		sleep 0.05
	done
	squeue
	find "$TMPDIR" "$XDG_RUNTIME_DIR"
	return 1
}

exec 9>"$tmp/alive"
exec 9>&-
counted slurm 12 'sleep 0.1; echo $SLURM_JOB_ID.$SLURM_STEP_ID >>$TMP/steps'
is 'units run on all nodes' "$status $(passed) $(nodes)" '0 12 of 12 passed n1 n2 n3'
is '... as steps of one allocation' "$(cut -d . -f 1 "$tmp/steps" | sort -u | wc -l) $(sort -u "$tmp/steps" | wc -l)" '1 12'
is '... and each is counted once' "$(wc -l <"$results")" 12
ok '... which is given back' all_gone

JOBS=2 counted slurm:two 4 'squeue -h -o "%P %C" >>$TMP/booked; false'
is 'as many processors are booked as were asked for, where that was' "$status $(sort -u "$tmp/booked")" '1 two 2'
is '... and what failed has left its folder' "$(find "$out/count" -name result.json | wc -l)" 4
echo CONFIG_VM_MEMORY=600 >>"$out/include/config/auto.conf"
counted slurm 3 'squeue -h -o %C >>$TMP/large'
is 'a large machine needs a node for itself' "$status $(sort -u "$tmp/large")" '0 3'
sed -i '$d' "$out/include/config/auto.conf"

mkfifo "$tmp/began"
exec 3<>"$tmp/began"
forever='exec 9>$TMP/alive; flock -s 9; echo >$TMP/began; sleep 1000; echo no'
env --default-signal=INT JOBS=3 KILN_RUN_ON=slurm KILN_COUNT=4 "KILN_CMD=$forever" \
	src/commands/count/count "$out" 3 run "$forever" >"$tmp/said" 2>&1 3>&- &
job=$!
for i in 1 2 3; do read -r -u 3; done
kill -INT $job
wait $job
is 'who ends it' "$?" 130
ok '... ends all, and gives it back' all_gone

# On n3 they never end, until it is lost.
sleeps='exec 9>$TMP/alive; flock -s 9; [ $SLURMD_NODENAME != n3 ] || { echo >$TMP/began; sleep 1000; }'
counted slurm 12 "$sleeps" &
job=$!
read -r -u 3
read -r -u 3
lose_node n3
wait $job
is 'a node is lost: its units run elsewhere, each once' "$(passed) $(wc -l <"$results") $(nodes)" '12 of 12 passed 12 n1 n2'
is '... which one line says' "$(grep -c 'n3 is left out from now on: ' "$tmp/said")" 1

counted slurm:nowhere 3 true
is 'an unknown partition is a sentence' "$status $(cat "$tmp/said")" \
	'1 count: RUN_ON=slurm:nowhere: there is no such partition; there are: all two'
counted 'slurm:-x y' 3 true
is '... and so is what is none' "$status $(wc -l <"$tmp/said") $(grep -c '^count: RUN_ON=slurm' "$tmp/said")" '1 1 1'
PATH=$tmp/bin:$PATH
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "sinfo: no controller" >&2\nexit 1\n' >"$tmp/bin/sinfo"
chmod +x "$tmp/bin/sinfo"
counted slurm 3 true
is '... and a cluster that does not answer' "$status $(cat "$tmp/said")" '1 count: RUN_ON=slurm: sinfo: no controller'
finish
