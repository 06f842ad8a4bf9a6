#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The modules' tests run in machines of their own, and what went wrong is told.
#
# Needs: lab

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/modules/hello/hello.ko" ] || skip_all 'this lab has no modules'

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$tmp/o
copy_checkout "$tmp/checkout"
show_lab "$o"
cp -a "$LAB/modules/hello" "$o/modules/"
cd "$tmp/checkout" || exit 1
# Those of other modules take longer than the limit below.
find kmod -name '*.t' ! -name hello.t -delete

# run [NAME] - sets $status; what was said is in $tmp/said
run()
{
	KILN_JUNIT=$tmp/junit timeout 200 src/commands/test/test "$o" 2 "$@" >"$tmp/said" 2>&1
	status=$?
}

said()
{
	grep -q -e "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

junit()
{
	grep -q -e "$1" "$tmp/junit" || { cat "$tmp/junit"; return 1; }
}

# new_test NAME LINE... - of a module that is none
new_test()
{
	local name=$1

	shift
	mkdir -p "kmod/$name"
	printf '%s\n' '#!/bin/sh' "$@" >"kmod/$name/$name.t"
	chmod +x "kmod/$name/$name.t"
}

run
is "hello's own test passes" "$status" 0
ok '... and is told' said '^kmod/hello/hello.t .* ok$'
ok '... to JUnit, too' junit '<testsuite name="hello" tests="5" failures="0" errors="0" skipped="0"'
ok 'what a machine left is in its folder' test -e "$o/test/hello/vm/last/result.json"

is '... and kept' "$(tail -n 1 "$o/results/test.jsonl" | jq -r '[.goal, .test, .verdict, .repeat, (.cases | length)] | join("|")')" \
	"test|hello|passed|make test O=${o@Q} M='hello'|5"
KILN_JSON=1 timeout 200 src/commands/test/test "$o" 1 hello >"$tmp/lines" 2>"$tmp/said"
is '... as JSON, with JSON=1, alone' "$(jq -r .verdict "$tmp/lines")" passed
cp "$LAB/run" "$o/"
KILN_COUNT=2 run hello
is '... or how often it passes' "$status $(sed -n 's/^.*: \(. of . passed\).*/\1/p' "$tmp/said")" '0 2 of 2 passed'
is '... each with a line' "$("$o/host/results" lines "$o/results/test.jsonl" | tail -n 2 | jq -rs '[.[].test, (map(.job) | unique | length)] | join(" ")')" \
	'hello hello 1'

mkdir "$tmp/home"
echo '--exec false' >"$tmp/home/.proverc"
HOME=$tmp/home HARNESS_TIMER=1 HARNESS_VERBOSE=1 PERL5OPT=-Mnothing run
is 'how the user likes prove to be changes nothing' "$status $(grep -c '^kmod/hello/hello.t .* ok$' "$tmp/said")" '0 1'

# What was built since the root was packed
sed 's/Hello/HELLO/' "$o/modules/hello/hello.ko" >"$tmp/hello.ko"
cp "$tmp/hello.ko" "$o/modules/hello/hello.ko"
run hello
is 'a module that was built later is the one that is tested' "$status" 1
ok '... by those of its tests that tell' said 'Failed tests: *2-3'
ok '... and JUnit' junit 'failures="2".*'
cp "$LAB/modules/hello/hello.ko" "$o/modules/hello/"

# Each way to fail, two at a time
new_test splat 'modprobe crash how=warn' 'echo ok 1' 'echo 1..1'
new_test stuck 'echo ok 1' 'sleep 1000'
new_test dead 'echo ok 1' 'modprobe crash how=panic'
new_test many 'echo not ok, really' 'echo ok 1 - '"'a <b> & \"c\"'" 'echo ok 2 \# SKIP not here' 'echo 1..2'
mkdir "$o/modules/tool"
printf '%s\n' '#!/bin/sh' 'echo ok 1 - a program' >"$o/modules/tool/say"
chmod +x "$o/modules/tool/say"
new_test tool ./say 'echo 1..1'
KILN_TIMEOUT=8 run
is 'one that fails fails all' "$status: $(grep -c '^kmod/.*Wstat' "$tmp/said")" '1: 3'
ok 'a splat is a failure' said '^kmod/splat/splat.t *(Wstat: 65024'
ok '... with its title' said 'the kernel complained: WARNING:'
ok '... in JUnit, too' junit 'name="the machine"><error message="WARNING:'
ok 'so is the time limit' said '^kmod/stuck/stuck.t *(Wstat: 31744'
ok 'and a panic' said '^kmod/dead/dead.t *(Wstat: 65280'
ok '... with its reason' junit '<error message=".*Kernel panic - not syncing: crash: as asked for'
ok 'those that pass pass' said '^kmod/many/many.t .* ok$'
ok '... with the programs of their modules' said '^kmod/tool/tool.t .* ok$'
is 'and each is kept' "$("$o/host/results" lines "$o/results/test.jsonl" | tail -n 6 | jq -r '"\(.test) \(.verdict)"' | sort | paste -sd ,)" \
	'dead panic,hello passed,many passed,splat splat,stuck hangs,tool passed'
ok 'XML is XML' perl -0777 -ne 'exit !(m{name="a &lt;b&gt; &amp; &quot;c&quot;"/>} && m{<skipped message="not here"/>})' "$tmp/junit"
ok 'the good one is not missing' said '^kmod/hello/hello.t .* ok$'

rm kmod/*/*.t
run hello
is 'M= of one without a test fails' "$status: $(<"$tmp/said")" '1: hello has no test; it would be hello.t in its folder'
run
is 'no tests at all are one sentence' "$status: $(wc -l <"$tmp/said") $(grep -c 'no module has a test' "$tmp/said")" '0: 1 1'

finish
