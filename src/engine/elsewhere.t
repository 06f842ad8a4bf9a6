#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# RUN_ON=ssh: what one command starts runs on two other hosts, which are sshd of this one in a
# network of the test's own; one of them is lost, full, or has another QEMU.
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

may_ssh || skip_all 'this needs root and sshd'
unset "${!KILN_@}" MAKEFLAGS MAKELEVEL MFLAGS
PATH=$tmp/bin:$PATH
out=$tmp/out
results=$out/results/run.jsonl
export XDG_RUNTIME_DIR=$tmp/runtime TMP=$tmp
mkdir "$XDG_RUNTIME_DIR"
trap 'kill "${sshd[@]}" 2>/dev/null; wait; umount "$tmp/small/.cache"; rm -rf "$tmp"' EXIT

make_lab "$out"
# Whose folders may be links
mv "$out/modules" "$tmp/"
ln -s "$tmp/modules" "$out/"
for host in a b; do
	sshd $host FAKE_HOST=$host "FAKE=$FAKE" "TMP=$tmp" || skip_all "sshd does not start: $(<"$tmp/sshd/$host.log")"
done
sshd other FAKE_QEMU=2.0 "FAKE=$FAKE" "TMP=$tmp"
sshd small "FAKE=$FAKE" "TMP=$tmp" FAKE_HOST=small
mkdir "$tmp/small/.cache"
mount -t tmpfs -o size=4M none "$tmp/small/.cache"

# Which hosts have results, and how many each
shares() { jq -r .host "$results" 2>/dev/null | sort | uniq -c | xargs; }

# all_gone - what the commands have started there, and the folders of that
all_gone()
{
	local i

	flock -w 20 "$tmp/alive" true || return
	for ((i = 0; i < 400; i++)); do
		[ -n "$(find "$tmp"/{a,b,h}/.cache/kiln "$XDG_RUNTIME_DIR" -mindepth 1 -maxdepth 1 -name '[rk]*.*' 2>/dev/null)" ] || return 0
		sleep 0.05
	done
	return 1
}

# Each waits until another host has one, too.
mkfifo "$tmp/a-has" "$tmp/b-has"
both='[ $FAKE_HOST = a ] && other=b || other=a
	[ -e $TMP/both ] || { [ $FAKE_HOST = a ] && echo >$TMP/b-has && read x <$TMP/a-has || { read x <$TMP/b-has; echo >$TMP/a-has; touch $TMP/both; }; }
	echo $FAKE_HOST'
counted ssh:a/1,b/1 6 "$both"
is 'units run on all hosts' "$status $(passed) $(jq -r .host "$results" | sort -u | xargs)" '0 6 of 6 passed a b'
is '... and each is counted once' "$(wc -l <"$results") $(jq -r .job "$results" | sort -u | wc -l)" '6 1'
is '... under the names that things have here' "$(jq -r .repeat "$results" | cut -d ' ' -f 1-3 | sort -u)" "make run O='$out'"
ok '... in the form that all have' "$LAB/host/results" check "$results"
is 'what is there is for nobody else' "$(find "$tmp/a/.cache" -perm /077 | wc -l)" 0

before=$(find "$tmp"/[ab]/.cache/kiln -printf '%i %C@\n' | grep -v "$(stat -c '^%i ' "$tmp"/[ab]/.cache/kiln | paste -sd '|' | sed 's/|/\\|/')" | sort)
counted ssh:a,b 4 'echo $FAKE_HOST; exit 3'
is 'a status comes from there' "$status $(sed q "$tmp/said")" '1 failed: 4 with status 3'
is '... with what was said, and the folder' "$(grep -cx '    [ab]' "$tmp/said") $(find "$out/count" -name result.json | wc -l)" '1 4'
ok '... and the folder is where the result says' test -e "$(jq -r .folder "$results" | sed q)/result.json"
again=$(find "$tmp"/[ab]/.cache/kiln -printf '%i %C@\n' | sort)
is 'what a host has is not sent again' "$(comm -13 <(echo "$again") <(echo "$before") | wc -l | sed 's/^[0-4]$/few/')" few

# Lost while it works: on b they never end.
mkfifo "$tmp/began"
exec 3<>"$tmp/began"
sleeps='exec 9>$TMP/alive; flock -s 9; [ $FAKE_HOST = a ] || { echo >$TMP/began; sleep 1000; }; echo $FAKE_HOST'
counted ssh:a/1,b/2 8 "$sleeps" &
job=$!
read -r -u 3
read -r -u 3
lose b
wait $job
is 'a host is lost: its units run elsewhere, each once' "$(passed) $(shares)" '8 of 8 passed 8 a'
is '... which one line says' "$(grep -c 'b is left out from now on: ' "$tmp/said")" 1
ok '... and nothing goes on there' all_gone

# Hangs, and goes on when all is done
sshd h FAKE_HOST=h "FAKE=$FAKE" "TMP=$tmp"
counted ssh:a/1,h/2 8 "$sleeps" &
job=$!
read -r -u 3
read -r -u 3
to_host STOP h
wait $job
is 'a host hangs: its units run elsewhere, each once' "$(passed) $(shares)" '8 of 8 passed 8 a'
is '... which one line says' "$(grep -c 'h is left out from now on: ' "$tmp/said")" 1
to_host CONT h
ok '... and when it is back nothing goes on there' all_gone

counted ssh:a/2,b 4 true
is 'a host that does not answer is a sentence' "$status $(wc -l <"$tmp/said") $(grep -c '^count: RUN_ON=ssh: b: ' "$tmp/said")" '1 1 1'
sshd[old]=${sshd[b]}
sshd c FAKE_HOST=b "FAKE=$FAKE" "TMP=$tmp"

forever='exec 9>$TMP/alive; flock -s 9; echo >$TMP/began; sleep 1000; echo no'
for signal in TERM INT HUP; do
	env --default-signal=INT KILN_RUN_ON=ssh:a/1,c/1 KILN_COUNT=4 "KILN_CMD=$forever" \
		src/commands/count/count "$out" auto run "$forever" >"$tmp/said" 2>&1 &
	job=$!
	read -r -u 3
	read -r -u 3
	kill -$signal $job
	wait $job
	is "who ends it by $signal" "$?" 130
	ok '... ends all there' all_gone
done

counted ssh:a,small 3 true
is 'a host without room is left out' "$status $(passed) $(shares) $(grep -c '^count: small is left out: it has only [34] MiB free' "$tmp/said")" \
	'0 3 of 3 passed 3 a 1'
mount -o remount,size=40M "$tmp/small/.cache"
counted ssh:a/1,small/1 4 '[ $FAKE_HOST != a ] || until [ -e $TMP/full ]; do sleep 0.1; done
	[ $FAKE_HOST = a ] || { dd if=/dev/zero of=$HOME/.cache/full bs=1M 2>/dev/null; touch $TMP/full; false; }'
is '... and so is one that fills up' "$(passed) $(shares) $(grep -c 'small is left out from now on: .* has no room' "$tmp/said")" '4 of 4 passed 4 a 1'
counted ssh:other,a 3 true
is 'another QEMU is another machine' "$status $(shares) $(grep -c '^count: other is left out: it has QEMU 2.0, and here is QEMU 1.0' "$tmp/said")" '0 3 a 1'
counted ssh:other 3 true
is '... and if no host is left that is the end' "$status $(tail -n 1 "$tmp/said")" '1 count: RUN_ON=ssh:other: no host is left'
counted ssh:a/1,c/1 4 'test $FAKE_HOST = a || exit 125'
is 'no machine there is no verdict' "$(passed) $(shares) $(grep -c 'c is left out from now on: no machine here' "$tmp/said")" '4 of 4 passed 4 a 1'
counted ssh:a 4 'exit 125'
is '... nor is none anywhere' "$status $(grep -c passed "$tmp/said") $(cat "$results" 2>/dev/null)" '1 0 '

# What series, bisect and config-bisect run: one command on a kernel of its own
judged() { KILN_RUN_ON=$1 KILN_OUT=$out KILN_MODULE='' KILN_CMD=$2 src/commands/series/run "$tmp/series" "$out" "$results" 2>"$tmp/said"; }
mkdir "$tmp/series"
rm -f "$results"
is "a commit's verdict comes from there" "$(judged ssh:a,c 'echo $FAKE_HOST; exit 3') $(shares | sed 's/[ac]$/one/') $(grep -c '^[ab]$' "$tmp/series/run.log")" \
	$'fails\tit failed 1 one 1'
is '... and that its kernel does not come up is one' "$(judged ssh:a/1,c/1 'exit 97' | cut -f 1)" "$(judged local 'exit 97' | cut -f 1)"
is '... but that no machine is to be had is none' "$(judged ssh:a,c 'exit 125'; grep -c 'no machine can be started here' "$tmp/said")" 1
printf '#!/bin/sh\n' >"$tmp/bin/make"
chmod +x "$tmp/bin/make"
tried() { KILN_RUN_ON=ssh:a,c KILN_CMD=$1 src/commands/bisect/try "$PWD" "$out" "$tmp" '' >"$tmp/said" 2>&1; echo $?; }
is 'bisect tries there: good, bad, left out, not up, no machine' "$(for n in 0 3 97 125; do tried "exit $n"; done | xargs)" '0 1 125 255'
rm "$tmp/bin/make"

# A module's test on it
by_module() { KILN_RUN_ON=$1 KILN_OUT=$out KILN_MODULE=hello KILN_CMD='' src/commands/series/run "$tmp/series" "$out" "$results" 2>"$tmp/said" | cut -f 1; }
printf '%s\n' 'ok 1 - it' 1..1 >"$FAKE/says"
is '... by the test of a module' "$(by_module ssh:a,c)" passed
touch "$FAKE/down"
is '... also where it does not come up' "$(by_module local) $(by_module ssh:a/1,c/1)" 'not up not up'
rm "$FAKE"/{says,down}

# What arrives is looked at.
mv "$tmp/bin/ssh" "$tmp/bin/ssh.real"
printf '#!/bin/sh\ncase "$*" in *tar*) sed "s/other\$/ohter/" | exec ssh.real "$@" ;; *) exec ssh.real "$@" ;; esac\n' >"$tmp/bin/ssh"
chmod +x "$tmp/bin/ssh"
echo other >"$out/linux/vmlinux.stripped"
counted ssh:a 4 true
is 'what does not arrive as it was sent is not used' "$(grep -c 'a is left out: not all arrived as it was sent' "$tmp/said")" 1
mv "$tmp/bin/ssh.real" "$tmp/bin/ssh"

# Tests of modules by prove, and of kselftest
printf '%s\n' 'ok 1 - it' 1..1 >"$FAKE/says"
rm -rf "$out/results"
KILN_RUN_ON=ssh:a,c timeout 60 src/commands/test/test "$out" auto >"$tmp/said" 2>&1
modules=(kmod/*/*.t)
is 'tests of modules' "$? $(tail -n 1 "$tmp/said") $(jq -r .test "$out/results/test.jsonl" | sort | uniq -c | awk '$1 != 1' | wc -l)" '0 Result: PASS 0'
is '... all of them' "$(wc -l <"$out/results/test.jsonl")" ${#modules[@]}
mkdir -p "$out/kselftest/install/futex"
for test in one two; do
	echo "futex:$test" >>"$out/kselftest/install/kselftest-list.txt"
	printf '#!/bin/sh\n' >"$out/kselftest/install/futex/$test"
	chmod +x "$out/kselftest/install/futex/$test"
done
KILN_RUN_ON=ssh:a,c KILN_KNOWN=<(:) timeout 60 src/commands/kselftest/kselftest "$out" auto >"$tmp/said" 2>&1
is 'tests of kselftest, in their order' "$? $(tr -s ' ' <"$tmp/said" | paste -sd ,)" '0 passed futex:one,passed futex:two,2 tests: 2 passed'
is '... with where each ran, and its log' "$(jq -r .host "$out/results/kselftest.jsonl" | grep -c '[ac]') $(cat "$out"/kselftest/runs/*/log | wc -l)" '2 4'

for words in ssh: ssh:a,a ssh:a/0 'ssh:-oProxyCommand=x' nowhere ssh:a/1/2; do
	counted "$words" 3 true
	is "a sentence for $words" "$status $(wc -l <"$tmp/said") $(grep -c "^count: RUN_ON=" "$tmp/said")" '1 1 1'
done
counted ssh:unknown.invalid 3 true
is '... for a host that is not' "$status $(wc -l <"$tmp/said") $(grep -c '^count: RUN_ON=ssh: unknown.invalid: ' "$tmp/said")" '1 1 1'
: >"$tmp/sshd/known"
counted ssh:a 3 true
is '... and for one whose key nobody knows' "$status $(cat "$tmp/said")" '1 count: RUN_ON=ssh: a: Host key verification failed.'
finish
