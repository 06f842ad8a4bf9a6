#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands in the machine, with a fake QEMU and the agent on this host: what goes
# in and out, statuses, test results; the machine that runs in the background and
# those who talk to it.
#
# Needs: fakes
#
# shellcheck disable=SC2016,SC2317 # $ is for the guest's shell; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

configure $tcg

# Every byte, and more than any buffer holds.
head -c 5000000 /dev/urandom >"$tmp/random"

make_loaderless()
{
	echo 'int main(void) { return 0; }' >"$tmp/dynamic.c"
	gcc -no-pie -Wl,--dynamic-linker=/no/ld.so -o "$tmp/dynamic" "$tmp/dynamic.c"
	printf '#! /no/sh -e\n' >"$tmp/script"
	chmod +x "$tmp/script"
}

test_run()
{
	vm run -- sh -c 'echo to the output; echo to the errors >&2; exit 7'
	is "a command's status is that of the run" "$status" 7
	is '... its output is ours, and nothing else' "$(<"$tmp/out")" 'to the output'
	is '... its errors are ours, and nothing else' "$(<"$tmp/err")" 'to the errors'

	"$VM" -O "$lab" run -- cat <"$tmp/random" >"$tmp/out"
	ok 'every byte goes in from a file and comes out to a file' cmp "$tmp/random" "$tmp/out"
	# shellcheck disable=SC2002 # a pipe is meant
	cat "$tmp/random" | "$VM" -O "$lab" run -- cat | cat >"$tmp/out"
	ok '... and from a pipe to a pipe' cmp "$tmp/random" "$tmp/out"

	vm run -- printf '<%s>' 'a b' '' '$x' "it's" '*'
	is 'words arrive as they are' "$(<"$tmp/out")" "<a b><><\$x><it's><*>"
	vm run -- sh -c 'kill -9 $$'
	is 'killed by a signal: 128+n' "$status" 137
	vm run -- no-such-command
	is 'no such command: 127' "$status" 127
	ok '... which is said' said_once no-such-command
	vm run -- 'exit 7'
	is 'a line for the shell as one word: 127' "$status" 127
	ok '... and how a line is given is said' said "one word.*shell's line is: -- sh -c 'exit 7'"
	make_loaderless
	vm run -- "$tmp/dynamic"
	is 'a program without its loader: 127' "$status" 127
	ok '... which is named' said_once "$tmp/dynamic: this root lacks its loader /no/ld.so; link it with -static"
	vm run -- "$tmp/script"
	ok '... a script without its interpreter' said_once 'lacks its interpreter /no/sh;'
	vm run -- /
	is 'not to be executed: 126' "$status" 126
	timeout 20 "$VM" -O "$lab" run -- yes 2>"$tmp/err" | read -r
	is 'nobody reads: it ends as if killed by SIGPIPE' "${PIPESTATUS[0]}" 141
	ok '... and no QEMU is left' all_gone
	timeout 20 "$VM" -O "$lab" run -- yes >/dev/full 2>"$tmp/err"
	is 'the output is on a full disk: 1' "$?" 1
	ok '... which is said' said_once 'standard output: No space'
	timeout 20 "$VM" -O "$lab" run -- echo lost >&- 2>"$tmp/err"
	is 'the output is closed: 1' "$?" 1
	ok '... which is said' said_once 'standard output: Bad file'
	timeout 20 "$VM" -O "$lab" run -- true >&- 2>"$tmp/err"
	is '... unless there is none' "$?" 0
	timeout 20 "$VM" -O "$lab" run </dev/null >&- 2>"$tmp/err"
	is '... at the console: 1' "$? $(of_result status)" '1 1'
	ok '... which is said' said_once 'standard output: Bad file'
	timeout 20 "$VM" -O "$lab" run --print >&- 2>"$tmp/err"
	is '... for --print, too' "$?" 125
	mkfifo "$tmp/stuck"
	exec 6<>"$tmp/stuck"
	timeout 20 "$VM" -O "$lab" run -t 1 -- yes >&6 2>"$tmp/err"
	is 'an output that nobody takes does not hold up the time limit' $? 124
	exec 6>&-
	vm run -v -- true
	ok '-v shows the console beside it' grep -q 'Linux version' "$tmp/err"
}

# Beyond what one frame holds
test_long()
{
	local most text words

	text=$(printf '%065600d' 0)
	vm run -- sh -c 'echo "${#1} $#"; wc -c' - "$text" end
	is 'a word of more than 64 KiB' "$status $(paste -sd ' ' "$tmp/out")" '0 65600 2 0'
	"$VM" -O "$lab" run -- sh -c 'printf %s "$1" | wc -c; cat' - "$text" <"$tmp/random" >"$tmp/out" 2>&1
	ok '... with input behind it' cmp <(echo 65600; cat "$tmp/random") "$tmp/out"

	most=$(printf '%0131071d' 0)
	mapfile -t words < <(yes "$most" | head -n 15)
	vm run -- sh -c 'printf %s "$@" | wc -c' - "${words[@]}"
	is 'words of 2 MB' "$status $(<"$tmp/out")" "0 $((15 * 131071))"
	cat >"$tmp/on-tty" <<-'EOF'
		#!/bin/bash
		exec "$1" -O "$2" run -- sh -c 'echo ${#1}; stty -a | grep -ow -e -*icanon' - "$(printf '%065600d' 0)"
	EOF
	chmod +x "$tmp/on-tty"
	printf -v text '%q ' "$tmp/on-tty" "$VM" "$lab"
	timeout 20 script -qec "$text" /dev/null </dev/null >"$tmp/out"
	is '... on a terminal, which is as ever' "$(tr -d '\r' <"$tmp/out" | paste -sd ' ')" '65600 icanon'
	mapfile -t words < <(yes | head -n 220000)
	# With more stack this machine takes more.
	is 'more than it takes in all: 125' \
		"$(ulimit -s 65536 && vm run -- echo "${words[@]}" && echo "$status")" 125
	ok '... and how much that is' said_once 'the command has 2200013 bytes.*takes 2093056 in all'
}

test_tests()
{
	vm run -- printf 'KTAP version 1\n1..2\n    ok 1 a\n    not ok 2 b\nok 1 x\nnot ok 2 - y\n'
	is 'a test that failed fails the run' "$status $(of_result outcome)" '1 tests-failed'
	is '... its output is passed on' "$(grep -c ok "$tmp/out")" 4
	ok '... the first failure is said' said '2 tests failed, the first one: not ok 2 b'
	ok '... and is on record' grep -q '"not ok 2 - y"' "$lab/vm/last/result.json"
	vm run -- echo 'not ok 1'
	ok '... one alone, too' said_once 'vm: 1 test failed: not ok 1'
	vm run -- printf '1..3\nok 1\nnot ok, really\n'
	is 'a plan that is not met fails the run' "$status $(of_result outcome)" '1 tests-failed'
	ok '... which is said' said_once 'the tests are not complete: 3 tests were planned, 1 came'
	vm run -- printf '1..2\nok 1\nnot ok, really\nok 2\n'
	is 'prose fails nothing' "$status" 0
	vm run -- printf 'ok 1\nnot ok 2 # TODO later\nnot okay\n'
	is 'what is to be done does not' "$status" 0
	vm run -- sh -c 'echo not ok 1; exit 3'
	is "the command's own failure comes first" "$status" 3
}

test_background()
{
	local id

	vm status
	is 'no machine: status says so, with 0' "$status" 0
	ok '... and how one is started' said_once 'no machine runs in'
	ok '... and how the last one ended' grep -q 'outcome *failed' "$tmp/out"
	vm run --status
	is 'for scripts: 1, and not a word' "$status $(cat "$tmp/out" "$tmp/err")" '1 '
	vm exec -- true
	is 'no machine: exec cannot: 125' "$status" 125
	ok '... and names the way to one' said_once 'make start'
	vm stop
	is 'no machine: stop has nothing to do' "$status" 0

	vm start
	is 'start comes back when the machine is up' "$status" 0
	is '... with nothing said' "$(cat "$tmp/out" "$tmp/err")" ''
	vm status
	is 'status' "$status" 0
	ok '... tells that it is up' grep -q '^state *up' "$tmp/out"
	is 'only its owner can connect' "$(stat -c %a "$lab/vm/control")" 600
	vm start
	is 'a second machine is refused' "$status" 125
	ok '... naming the first' said_once "process $(<"$lab/vm/lock")"

	vm exec -- sh -c 'echo out; echo err >&2; exit 9'
	is 'exec passes on output, errors, status' "$(<"$tmp/out") $(<"$tmp/err") $status" 'out err 9'
	vm exec -t 1 -- sleep 1000
	is 'exec with a time limit: 124' "$status" 124
	"$VM" -O "$lab" exec -- cat <"$tmp/random" >"$tmp/out"
	ok 'exec passes on every byte' cmp "$tmp/random" "$tmp/out"
	vm exec -- printf 'not ok 1 - x\n'
	is 'a test that failed fails exec' "$status" 1
	echo 'echo hello; exit 4' | timeout 20 "$VM" -O "$lab" exec >"$tmp/out"
	is 'exec alone is a shell, which ends with its own status' $? 4
	is '... and reads the input' "$(<"$tmp/out")" hello

	for id in {1..8}; do
		"$VM" -O "$lab" exec -- sh -c "cat; exit $id" <"$tmp/random" >"$tmp/out.$id" 3>&- &
		pids[id]=$!
	done
	for id in {1..8}; do
		wait "${pids[id]}"
		is "client $id of 8 at a time gets its status" $? "$id"
		ok '... and its bytes' cmp "$tmp/random" "$tmp/out.$id"
	done
	timeout 20 "$VM" -O "$lab" exec -- sh -c 'echo $$; exec sleep 1000' >"$tmp/sleeper" &
	await [ -s "$tmp/sleeper" ]
	kill "$!"
	ok 'a client that goes takes its command with it' await gone "$(<"$tmp/sleeper")"

	mkfifo "$tmp/unread"
	exec 6<>"$tmp/unread"
	yes | timeout 20 "$VM" -O "$lab" console >&6 3>&- &
	vm exec -- true
	is 'a console which nobody reads holds up nothing' "$status" 0
	kill $!
	wait $!
	is '... nor its own end' $? 143
	echo typed | timeout 1 "$VM" -O "$lab" console >"$tmp/out"
	ok 'what is typed at a console comes back' grep -q typed "$tmp/out"
}

gone()
{
	! kill -0 "$1"
}

test_files()
{
	chmod 750 "$tmp/random"
	touch -d '2001-09-09 01:46:40.123456789 UTC' "$tmp/random"
	vm put "$tmp/random" "$tmp/there"
	is 'put' "$status" 0
	ok '... copies every byte' cmp "$tmp/random" "$tmp/there"
	is '... and the permissions, and when it was changed' "$(stat -c '%a %.9Y' "$tmp/there")" '750 1000000000.123456789'
	mkdir "$tmp/folder"
	vm put "$tmp/random" "$tmp/folder/"
	ok 'put to a folder keeps the name' cmp "$tmp/random" "$tmp/folder/random"
	vm put "$tmp/random" "$tmp/none/there"
	is 'put to where there is no folder fails' "$status" 1
	ok '... naming it' said_once "$tmp/none/there"
	vm put "$tmp/none"
	ok 'put of what is not there names it' said_once "$tmp/none: No such file"
	echo text | "$VM" -O "$lab" put - "$tmp/text"
	is 'put - reads the input' "$(<"$tmp/text")" text

	vm get "$tmp/there" "$tmp/back"
	is 'get' "$status" 0
	ok '... copies every byte' cmp "$tmp/random" "$tmp/back"
	is '... and the permissions, and when it was changed' "$(stat -c '%a %.9Y' "$tmp/back")" '750 1000000000.123456789'
	(cd "$tmp/folder" && "$VM" -O "$lab" get "$tmp/text")
	is 'get to here keeps the name' "$(<"$tmp/folder/text")" text
	vm get "$tmp/text" -
	is 'get to - is the output' "$(<"$tmp/out")" text
	vm put ''
	is 'put of nothing says how it is named' "$status $(<"$tmp/err")" \
		'1 vm: no file is named: make put FILE=path, or vm put path'
	vm get ''
	is '... and so does get' "$status $(<"$tmp/err")" '1 vm: no file is named: make get FILE=path, or vm get path'
	vm get "$tmp/none" "$tmp/new"
	is 'get of what is not there fails' "$status" 1
	ok '... naming it' said_once "$tmp/none"
	is '... and leaves nothing here' "$(compgen -G "$tmp/new*")" ''
}

# What a folder holds: names, modes, times, links
held()
{
	(cd "$1" && find . -printf '%p %M %T@ %l\n' | sort)
}

test_folders()
{
	mkdir -p "$tmp/tree/a b/deep"
	echo one >"$tmp/tree/a b/deep/one"
	chmod 750 "$tmp/tree/a b/deep/one" "$tmp/tree"
	ln -s deep/one "$tmp/tree/a b/link"
	find "$tmp/tree" -depth -exec touch -hd '2001-09-09 01:46:40 UTC' {} +
	vm put "$tmp/tree" "$tmp/folder/"
	is 'put of a folder' "$status $(<"$tmp/err")" '0 '
	is '... copies all, with modes and times' "$(held "$tmp/folder/tree")" "$(held "$tmp/tree")"
	vm put "$tmp/tree" "$tmp/new tree"
	is '... under another name, too' "$status $(held "$tmp/new tree")" "0 $(held "$tmp/tree")"
	(cd "$tmp/folder" && rm -r tree && "$VM" -O "$lab" get "$tmp/tree")
	is 'get of a folder does the same, to here' "$(held "$tmp/folder/tree")" "$(held "$tmp/tree")"
	vm get "$tmp/tree" "$tmp/folder"
	is '... or into a folder that there is' "$status $(held "$tmp/folder/tree")" "0 $(held "$tmp/tree")"
	vm get "$tmp/tree" "$tmp/none/there"
	is '... but not where there is none' "$status $(compgen -G "$tmp/none*")" '1 '
	: >"$tmp/file"
	vm put "$tmp/tree" "$tmp/file"
	is 'a file in the way of a folder is told' "$status $(grep -c "$tmp/file" "$tmp/err")" '1 1'
}

test_stop()
{
	"$VM" -O "$lab" exec -- sh -c 'echo up; exec sleep 1000' >"$tmp/waits" 2>"$tmp/lost" &
	await [ -s "$tmp/waits" ]
	vm stop
	is 'stop' "$status" 0
	ok '... comes back when no QEMU is left' none_lives
	is '... nor another thing' "$(left_over)" ''
	wait $!
	is 'who waits for a command then: 255' $? 255
	is '... the machine was stopped' "$(of_result outcome) $(of_result status)" 'stopped 0'

	vm start
	is 'a next one starts at once' "$status" 0
	kill -KILL "$(tail -n 1 "$FAKE/pids")"
	released
	is 'its QEMU is killed' "$(of_result outcome) $(of_result status)" 'vanished 255'
	is '... and nothing is left' "$(left_over)" ''

	FAKE_TCG=panic vm start
	is 'start of a machine that does not come up has its status' "$status" 255
	ok '... and says why' said 'Kernel panic - not syncing'
}

test_side_by_side()
{
	local first=$lab

	vm start
	lab=$tmp/second
	make_lab "$lab"
	cp "$first/include/config/auto.conf" "$lab/include/config/"
	vm start
	is 'a machine in another folder runs beside it' "$status" 0
	vm stop
	lab=$first
	vm exec -- true
	is '... and its end does not touch the first' "$status" 0
	vm stop
}

test_run
test_long
test_tests
test_background
test_files
test_folders
test_stop
test_side_by_side
finish
