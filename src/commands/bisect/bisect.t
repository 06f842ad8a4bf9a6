#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commit that breaks a kernel is found, on a fake kernel and with a machine that
# only looks at it; what cannot be built or does not come up is left out.

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

commit good "$(state 'good 1')"
commit good-2 "$(state 'good 2')"
commit no-build 'this is no C'
commit no-boot "$(state 'not-up')"
commit good-3 "$(state 'good 3')"
commit first-bad "$(state 'broken 1')"
commit bad-2 "$(state 'broken 2')"
commit bad-3 "$(state 'broken 3')"
echo 'not committed' >"$tree/kernel/state.h"

echo CONFIG_FAKE_LOUD=y >out/linux.config
state_of_tree >"$tmp/before"

bisect()
{
	timeout 200 make bisect "$@" >"$tmp/said" 2>&1
	status=$?
}

said()
{
	grep -q -e "$1" "$tmp/said" || { tail -n 40 "$tmp/said"; return 1; }
}

# shellcheck disable=SC2016 # the guest's
bisect CMD='test "$HOME" # all' GOOD=good BAD=bad-3
is 'bisect finds one' "$status" 0
ok '... the first bad one' said "^$("${git[@]}" rev-parse first-bad) is the first bad commit"
ok 'what does not come up is left out' grep -q "skip: .*$("${git[@]}" rev-parse no-boot)" out/bisect/log
# shellcheck disable=SC2016 # the guest's
ok 'the command arrives as it is' grep -qx 'kernel is good: test "$HOME" # all' out/bisect/seen
ok "the lab's configuration is the one" grep -q FAKE_LOUD=y out/bisect/lab/linux/build/.config
ok 'LINUX_DIR is as it was' diff "$tmp/before" <(state_of_tree)
ok 'and so is the lab' test ! -e out/linux/vmlinux.stripped

timeout 200 make bisect CMD=true GOOD='good good-3' BAD=main JSON=1 >"$tmp/lines" 2>"$tmp/said"
status=$?
ok 'a second one, from several good ones to a branch' said "$("${git[@]}" rev-parse first-bad) is the first bad"
is 'with JSON=1 there is JSON alone: each try and what was found' \
	"$status $(jq -rs '"\(map(select(.verdict) | .goal) | unique | join(",")) \(.[-1] | [.commit, .subject] | join(" "))"' "$tmp/lines")" \
	"0 bisect $("${git[@]}" rev-parse first-bad) first-bad"
ok '... which is kept' "$LAB/host/results" check out/results/bisect.jsonl

bisect CMD=true GOOD=good-2 BAD=good-3
is 'where nothing can be told, no commit is named' "$status-$(grep -c 'is the first bad' "$tmp/said")" 2-0
ok 'what cannot be built is left out' grep -q "skip: .*$("${git[@]}" rev-parse no-build)" out/bisect/log

# killed_linker [LINE] - how does a bisection end whose linker, which begins with LINE, is killed?
killed_linker()
{
	printf '%s\n' '#!/bin/sh' "$@" 'kill -KILL $$' >"$tmp/bin/ld"
	chmod +x "$tmp/bin/ld"
	bisect CMD=true GOOD=good-2 BAD=good-3
	rm "$tmp/bin/ld"
	echo "$status-$(grep -c 'the build failed for a reason outside' "$tmp/said")-$(grep -c skip: out/bisect/log)"
}
# shellcheck disable=SC2016 # that program's
is '... but one whose linker somebody has killed ends it' \
	"$(killed_linker '[ "$1" != --version ] || { echo 9.9; exit; }')" 2-1-0
# The first who calls it is `configure', for its version
rm -r out/bisect/lab/linux
is '... wherever it is called' "$(killed_linker)" 2-1-0

# What is missing, in a sentence
for what in 'GOOD=good BAD=main|CMD=.* is missing' 'CMD=true BAD=main|GOOD= is missing' 'CMD=true GOOD=good|BAD= is missing' \
	'CMD=true GOOD=nothing BAD=main|no commit nothing in' 'LINUX_DIR= CMD=true GOOD=good BAD=main|LINUX_DIR= is missing' \
	"LINUX_DIR=$tree/kernel CMD=true GOOD=good BAD=main|not the top" "LINUX_DIR=$tmp CMD=true GOOD=good BAD=main|no git tree"; do
	read -ra words <<<"${what%|*}"
	[[ ${words[*]} == *LINUX_DIR* ]] || words+=(LINUX_DIR="$tree")
	bisect "${words[@]}"
	ok "${what%|*}: it says what is missing" said "^bisect: .*${what#*|}"
done

# try OUTCOME STATUS [UP [REASON]] - what is told of a run that ends so
try()
{
	printf '%s\n' '#!/bin/sh' "printf '{\n  \"outcome\": \"$1\",\n${3:+  \"boot_seconds\": 1.5,\n}${4:+  \"reason\": \"$4\",\n}  \"status\": $2\n}\n' >\"\$2/vm/last/result.json\"" \
		"exit $2" >out/bisect/lab/host/vm
	KILN_CMD=true src/commands/bisect/try "$PWD" "$PWD/out/bisect/lab" "$PWD/out/dl" "$PWD/out/bisect/linux" >"$tmp/said" 2>&1
	echo $?
}
git -C out/bisect/linux checkout -qf good-3 2>/dev/null || git -C out/bisect/linux checkout -qf "$("${git[@]}" rev-parse good-3)"
while read -r outcome run_status up told; do
	is "$outcome, status $run_status, $([ "$up" = y ] || echo not) up" "$(try "$outcome" "$run_status" "${up#-}")" "$told"
done <<-'EOF'
	passed 0 y 0
	failed 1 y 1
	failed 139 y 1
	failed 255 y 1
	failed 125 y 125
	failed 127 y 255
	complained 254 y 1
	tests-failed 1 y 1
	vanished 255 y 1
	timed-out 124 y 1
	timed-out 124 - 125
	panicked 255 y 1
	panicked 255 - 125
	not-up 125 - 125
	not-started 125 - 255
	interrupted 130 y 255
EOF
is 'a machine that somebody has ended tells nothing' "$(try vanished 255 y 'QEMU was killed by SIGKILL')" 255

finish
