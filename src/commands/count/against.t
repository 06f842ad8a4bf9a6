#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How often a command passes is compared with another commit of the kernel; on a fake kernel and
# with a machine that only looks at it.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

# It leaves its result where each run has its own folder.
# shellcheck disable=SC2016 # its own
sed -i 's,^mkdir -p.*,mkdir -p "$lab/vm/runs/now-$$"; ln -sfn "runs/now-$$" "$lab/vm/last",' "$tmp/machine"
commit good "$(state 'good 1')"
commit no-build 'this is no C'
commit bad "$(state 'broken 1')"
echo 'not committed' >"$tree/notes"
state_of_tree >"$tmp/before"

# counted WORD... - sets $status; what is told is in $tmp/said, what else is said in $tmp/error
counted()
{
	timeout 1500 make COUNT=6 "$@" >"$tmp/said" 2>"$tmp/error"
	status=$?
}

told() { tail -n 1 "$tmp/said"; }

counted run CMD=it AGAINST=nothing
is 'what is neither a lab nor a commit is a sentence, before anything is built' \
	"$status $(grep -c "AGAINST=nothing: no lab is built .* LINUX_DIR=$tree is no git tree with such a commit" "$tmp/error") $(find out -name vmlinux)" '2 1 '
counted run CMD=it AGAINST=good LINUX_DIR=
is '... and so is a commit of no tree' "$status $(grep -c 'AGAINST=good: .* LINUX_DIR= is no git tree' "$tmp/error")" '2 1'

counted run CMD='it # all' AGAINST=good
is 'a kernel is worse than that of another commit' "$status $(told)" '2 worse than good (p = 0.0022)'
is '... which ran as often' "$(grep passed: "$tmp/said" | sed 's/:.*passed/ passed/; s/,.*//')" 'out passed: 0.0 %
good passed: 100.0 %'
is 'the command arrives there as it is' "$(sort out/count/seen | uniq -c | xargs)" '6 kernel is good: it # all'
is 'what repeats it names its kernel' "$(jq -r .repeat out/count/lab/results/run.jsonl | sort -u)" \
	"make run O='out/count/lab' LINUX_DIR='out/count/linux' CMD='it # all'"
ok 'LINUX_DIR is as it was' diff "$tmp/before" <(state_of_tree)

touch "$tmp/start"
counted test M=hello AGAINST=good
is 'so is the test of a module' "$status $(told)" '2 worse than good (p = 0.0022)'
is '... and the kernel that is there is not built again' "$(find out/count/lab/linux -name '*.o' -newer "$tmp/start")" ''

counted run CMD=it AGAINST=bad
is 'the same kernel is no other' "$status $(told)" '0 no difference seen (p = 1)'
printf '%s\n' "$(state 'good 9')" >"$tree/kernel/state.h"
counted run CMD=it AGAINST=bad JSON=1
is 'what is not committed is what is compared: better' "$status $(sed -n 's/^better than //p' "$tmp/error")" '0 bad (p = 0.0022)'
is '... told as JSON, which has the results of both' "$(jq -r .verdict "$tmp/said" | sort | uniq -c | xargs)" '6 fails 6 passed'

counted run CMD=it AGAINST=no-build
is 'one that cannot be built is told' "$status $(grep -c '^count: AGAINST=no-build cannot be built here' "$tmp/error")" '2 1'

# A lab of the same name is the one that is meant.
mkdir bad
cp -a out/{.config,host,include,linux,run,vm} bad/
counted run CMD=it AGAINST=bad
is 'a folder with a lab comes before a commit of its name' "$status $(told)" '0 no difference seen (p = 1)'
finish
