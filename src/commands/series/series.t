#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each commit of a series is built and run, and what it brings is told; on a fake kernel
# and with a machine that only looks at it.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

warn='static int never_used(void) { return 1; }'

commit base "$(state 'good 1')"
commit no-build 'this is no C'
commit mended "$(state 'good 1')"
commit warning "$(state 'good 2')" "$warn"
commit oops "$(state 'splat 1')" "$warn"
commit fails "$(state 'broken 1')" "$warn"
echo 'no part of the kernel' >"$tree/notes"
commit notes "$(state 'broken 1')" "$warn"
commit 'good "<&\ é' "$(state 'good 3')" "$warn"
echo 'not committed' >"$tree/kernel/state.h"
state_of_tree >"$tmp/before"

# series WORD... - sets $status; what was said, without the hashes, is in $tmp/said
series()
{
	timeout 1500 make series "$@" >"$tmp/output" 2>"$tmp/error"
	status=$?
	sed -E 's/ [0-9a-f]{12} / /' "$tmp/output" >"$tmp/said"
}

machines() { grep -c . out/series/seen; }

series BASE=base CMD='it # all'
is 'each commit has its verdict' "$(cat "$tmp/said")" \
"base   passed    base
1/7    no build  no-build
      kernel/state.h:1:1: error: unknown type name 'this'
2/7    passed    mended
3/7    warns     warning
      kernel/state.h: warning: 'never_used' defined but not used [-Wunused-function]
4/7    splat     oops
      WARNING: in core
5/7    fails     fails
      it ended with status 3
6/7    fails     notes
      it ended with status 3
7/7    passed    good \"<&\\ é
7 commits: 2 fails, 1 no build, 2 passed, 1 splat, 1 warns"
is '... and make fails' "$status" 2
is 'the command arrives as it is' "$(sed q out/series/seen)" 'kernel is good: it # all'
is 'one whose bits are as before costs no machine' "$(machines)" 5
ok 'LINUX_DIR is as it was' diff "$tmp/before" <(state_of_tree)
ok 'and so is the lab' test ! -e out/linux/vmlinux.stripped
cp "$tmp/said" "$tmp/first"

series BASE=base CMD='it # all'
ok 'what was judged is told again' diff "$tmp/first" "$tmp/said"
is '... and is not judged again' "$(machines)" 5

series BASE=base CMD='it # all' JSON=1
is '... as JSON, with JSON=1, alone' "$(jq -r '"\(.verdict) \(.subject)"' "$tmp/output")" "$(sed -nE 's,^(base|./7)  +,,p' "$tmp/first" | sed 's/   */ /')"

# A line that was cut off by a kill, and one commit more
sed -i '$s/,"verdict.*//' out/results/series.jsonl
truncate -s -1 out/results/series.jsonl
commit one-more "$(state 'good 4')" "$warn" 'static int nor_this(void) { return 2; }'
series BASE=base CMD='it # all'
is 'after an end at any time it goes on' "$(machines) $(sed -n '$p' "$tmp/said")" \
	'7 8 commits: 2 fails, 1 no build, 2 passed, 1 splat, 2 warns'
ok '... and a warning of an earlier commit is not of this one' grep -q "'nor_this' defined" "$tmp/said"
is '... and is a result like others' "$(out/host/results lines out/results/series.jsonl | jq -r .goal | sort | uniq -c | xargs)" '9 series'

# One that was killed while it compiled main~1
series BASE=main~2 HEAD=main~1 CMD=killed
rm out/series/{built,warnings}
touch -d '1 hour ago' out/series/start
series BASE=main~1 HEAD=main CMD=killed
ok '... nor is one that was lost with the end of a build' grep -q "'nor_this' defined" "$tmp/said"

series BASE=main~1 HEAD=main CMD=other
is 'another command is another question' "$status $(sed -n '$p' "$tmp/said")" '2 1 commits: 1 warns'
series BASE=main~1 HEAD=main CMD=other AGAIN=1
is 'AGAIN=1 judges again' "$(tail -n 2 out/series/seen | sort -u)" 'kernel is good: other'
echo CONFIG_FAKE_LOUD=y >out/linux.config
series BASE=base~0 HEAD=main~6 CMD='it # all'
is 'the range may end earlier' "$(grep -c '^[0-9]*/2 ' "$tmp/said")" 2
ok "... with the lab's configuration of now" grep -q FAKE_LOUD=y out/series/lab/linux/build/.config

# What else is looked for, of what each commit brings; stand-ins for the kernel's tools
# shellcheck disable=SC2016 # the makefile's and perl's
sed -i -e 's/^flags := -Wall/& $(if $(W),-Wextra)/' \
	-e 's/^cmd_cc = /&$(if $(C),grep -o "wrong: .*" $(filter %.c,$^) | sed "s|^|$(filter %.c,$^):1:1: warning: |" >\&2;) /' "$tree/Makefile"
# shellcheck disable=SC2016
printf '%s\n' 'while (<STDIN>) { $file = $1 if m,^\+\+\+ b/(.*),; print "$file:1: WARNING: $1\n" if /^\+.*(long .*)/ }' >"$tree/scripts/checkpatch.pl"
"${git[@]}" checkout -q --detach
commit lost "$(state 'lost 1')"
commit tools "$(state 'good 5')"
echo '/* wrong: old */ static void taken(int unused) { taken(1); } /* long line */' >>"$tree/kernel/core.c"
commit checked "$(state 'good 6')"
echo '/* wrong: new */' >>"$tree/kernel/core.c"
echo 'exit 1;' >"$tree/scripts/checkpatch.pl"
commit checked-2 "$(state 'good 7')"
series BASE=tools HEAD=checked-2 CMD=checks CHECKS='checkpatch sparse W=1'
cp "$tmp/said" "$tmp/checked"
is 'checks tell what a commit brings, and that alone' "$(sed '1d;$d' "$tmp/said")" \
"1/2    warns     checked
      kernel/core.c: warning: 'taken' defined but not used [-Wunused-function]
      checkpatch: kernel/core.c:1: WARNING: long line */
      sparse: kernel/core.c: warning: wrong: old */ static void taken(int unused) { taken(1); } /* long line */
      W1: kernel/core.c: warning: unused parameter 'unused' [-Wunused-parameter]
2/2    warns     checked-2
      sparse: kernel/core.c: warning: wrong: new */"
series BASE=tools HEAD=checked-2 CMD=checks CHECKS='checkpatch sparse W=1' JSON=1
is '... in the result, too' "$(jq -r '.cases[]? | "\(.name) \(.verdict) \(.why[:22])"' "$tmp/output" | tail -n 3)" \
'checkpatch passed null
sparse warns kernel/core.c: warning
W1 passed null'
series BASE=tools HEAD=checked-2 CMD=checks CHECKS='checkpatch sparse W=1'
ok '... and again' diff "$tmp/checked" "$tmp/said"
series BASE=tools CHECKS=smatch
ok 'a check that there is not is refused' grep -q '^series: CHECKS=smatch: there are checkpatch, sparse' "$tmp/error"

"${git[@]}" checkout -q main

# What is no commit's fault
printf '%s\n' '#!/bin/sh' 'echo "ld: No space left on device" >&2' 'exit 1' >"$tmp/bin/ld"
chmod +x "$tmp/bin/ld"
lines=$(grep -c . out/results/series.jsonl)
series BASE=base HEAD=no-build CMD=full
is 'a full disk is no verdict' "$(grep -c 'cannot be built, but not because of the commit' "$tmp/error") $(grep -c . out/results/series.jsonl)" "1 $lines"
printf '%s\n' '#!/bin/sh' 'kill -KILL $$' >"$tmp/bin/ld"
series BASE=base HEAD=mended CMD=killed
is '... nor is a linker that somebody killed' "$(grep -c 'cannot be built, but not because of the commit' "$tmp/error") $(grep -c . out/results/series.jsonl)" "1 $lines"
rm "$tmp/bin/ld"

series BASE=lost~1 HEAD=lost CMD=lost
is '... nor is a machine that somebody has ended' "$(grep -c '^series: somebody has ended' "$tmp/error") $(grep -c lost "$tmp/output")" '1 0'

# Two at once: the machine of the first waits.
mkfifo "$tmp/began" "$tmp/goes-on"
exec 3<>"$tmp/began" 4<>"$tmp/goes-on"
sed -i "1a[ \"\${*: -1}\" != waits ] || { echo >'$tmp/began'; read -r <'$tmp/goes-on'; }" "$tmp/machine"
timeout 900 make series BASE=main~1 HEAD=main CMD=waits >"$tmp/waits" 2>&1 &
first=$!
read -r -t 300 -u 3
series BASE=main~1 HEAD=main CMD=other
is 'a second one at the same time is refused in a sentence' "$status $(sed q "$tmp/error")" "2 series: another make uses $lab/out/series"
timeout 200 make bisect CMD=true GOOD=mended BAD=fails >"$tmp/output" 2>"$tmp/error"
is '... but not a bisect, which has a folder of its own' "$? $(grep -c 'is the first bad' "$tmp/output")" '0 1'
printf '\n\n' >&4
wait $first
is '... and the first goes on' "$? $(grep commits: "$tmp/waits")" '2 1 commits: 1 warns'

# What is missing, in a sentence
for what in 'HEAD=main|BASE= is missing' 'BASE=main|no commit is in HEAD and not in main' 'BASE=nothing|no commit nothing in' \
	'BASE=base HEAD=nothing|no commit nothing in' 'LINUX_DIR= BASE=base|LINUX_DIR= is missing' \
	"LINUX_DIR=$tree/kernel BASE=base|not the top" "LINUX_DIR=$tmp BASE=base|no git tree" \
	'BASE=base RUN_ON=ssh:a/0|is no host'; do
	read -ra words <<<"${what%|*}"
	[[ ${words[*]} == *LINUX_DIR* ]] || words+=(LINUX_DIR="$tree")
	series "${words[@]}"
	ok "${what%|*}: it says what is missing" grep -q "^series: .*${what#*|}" "$tmp/error"
done
finish
