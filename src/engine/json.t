#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# With JSON=1 standard output is JSON alone, whatever fails: a goal, a build, a configuration.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# told GOAL WORD... - prints the error that make tells, as ERROR, or ERROR at FILE:LINE:COLUMN
told()
{
	timeout 200 make "$@" JSON=1 >"$tmp/lines" 2>"$tmp/said"
	jq -re '[.error, ([.file, .line, .column] | map(select(.) | tostring) | join(":"))] | map(select(. != "")) | join(" at ")' \
		"$tmp/lines" 2>&1
	[ "$(jq -r .goal "$tmp/lines")" = "$1" ] || echo "of $1: $(<"$tmp/lines")"
}

make JSON=1 >"$tmp/lines" 2>"$tmp/said"
is 'a build that succeeds tells nothing' "$? $(wc -c <"$tmp/lines")" '0 0'
ok '... but on standard error' grep -q script "$tmp/said"
ok '... and uses the processors that a make has' test "$(grep -c jobserver "$tmp/said")" = 0

cp src/guest/main.c "$tmp/main.c"
echo 'int a = 1 +;' >>src/guest/main.c
is 'what cannot be built: file, line and column' "$(told all | sed "s/[‘’']/|/g")" \
	"expected expression before |;| token at src/guest/main.c:$(wc -l <src/guest/main.c):12"
cp "$tmp/main.c" src/guest/main.c
echo CONFIG_NOTHING=y >>out/.config
lines=$(wc -l <out/.config)
is 'an option that there is not: file and line' "$(told all)" "CONFIG_NOTHING is unknown at out/.config:$lines"
is '... also where nothing else is made' "$(told configure)" "CONFIG_NOTHING is unknown at out/.config:$lines"
sed -i '$d' out/.config
echo CONFIG_FAKE_NOTHING=y >out/linux.config
is "... or one of the kernel's" "$(told all)" 'CONFIG_FAKE_NOTHING is unknown at out/linux.config:1'
rm out/linux.config
sed -i '3a conifg FOO' recipes/vm/Kconfig
is 'a menu that cannot be read' "$(told olddefconfig)" 'unknown statement "conifg" at recipes/vm/Kconfig:4'
sed -i 4d recipes/vm/Kconfig
echo CONFIG_NONE=y >"$tmp/fragment"
is 'a fragment' "$(told defconfig FRAGMENTS="$tmp/fragment")" "CONFIG_NONE is unknown at $tmp/fragment:1"
is 'what is not on in the menu' "$(told kunit)" 'make kunit: this kernel has no KUnit: choose LINUX_KUNIT in the menu'
is 'a variable that does not go with the goal' "$(told test FRAGMENTS=x)" \
	'FRAGMENTS=x: only defconfig and NAME_defconfig use them'
is '... or without another one' "$(told run CMD=true UNTIL=fail)" 'UNTIL= and AGAINST= need COUNT=, the number of runs'
is 'a variable that is missing' "$(told reload)" 'make reload needs M=NAME, the folder of a module'
is '... for a program of its own' "$(told bisect)" \
	"bisect: CMD='...' is missing: the command to run in the machine, which ends with 0 if all is well"
is 'a goal that there is not' "$(told frobnicate)" "No rule to make target 'frobnicate'"
is '... and make says so itself, too' "$(grep -c 'No rule to make' "$tmp/said")" 1

timeout 200 make reload M=hello JSON=1 >"$tmp/lines" 2>"$tmp/said"
is 'a goal that tells how it ended is told once' "$(jq -r '[.goal, .status] | map(tostring) | join(" ")' "$tmp/lines")" 'reload 125'
timeout 200 make doctor JSON=1 >"$tmp/lines" 2>"$tmp/said"
is 'an object over several lines is one' "$(jq -r .goal "$tmp/lines")" doctor
"$LAB/host/results" check <(jq -c '. + {v: 1, time: 1, job: "j", test: "t", verdict: "passed"}' "$tmp/lines")
is '... in the form of all' $? 0
JSON=1 timeout 200 make frobnicate >"$tmp/lines" 2>/dev/null
is "the environment's JSON is not meant" "$(wc -c <"$tmp/lines")" 0
finish
