#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make kselftest: which of the tests that were built run, each in a machine of its own, and what
# is said of them; with a machine that runs them here.
#
# shellcheck disable=SC2016,SC2317 # what others expand; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset "${!KILN_@}"
out=$tmp/out
install=$out/kselftest/install
mkdir -p "$out/host" "$out/include/config" "$out/linux/build/include/config" "$install"/{futex,timers}
echo 6.12.0 >"$out/linux/build/include/config/kernel.release"
echo CONFIG_ROOTFS_INITRAMFS=y >"$out/include/config/auto.conf"

# program FOLDER:NAME LINE... - a test; its first line may be another than that of a shell
program()
{
	local file=$install/${1/://}

	echo "$1" >>"$install/kselftest-list.txt"
	printf '%s\n' "${@:2}" | sed '1{/^#!/!s,^,#!/bin/sh\n,}' >"$file"
	chmod +x "$file"
}

# It has a folder for /root, and tells how its test shall end by the last line of what that said.
cp "$LAB/host/results" "$out/host/"
cat >"$out/host/vm" <<'EOS'
#!/bin/bash
while [ "$1" != run ]; do
	case $1 in
	-w) work=$2 ;;
	-t) limit=$2 ;;
	esac
	shift 2
done
shift 2
mkdir -p "$work/last" "$work/root"
said=$("$1" "$2" "${3//\/root/$work/root}" "${@:4}" 2>&1)
status=$?
echo "$said"
word=${said##*$'\n'} outcome=failed splats=
[ $status != 0 ] || outcome=passed
case $word in
killed) splats='{ "kind": "oops", "title": "BUG: an oops that kills" }' ;;
oops) outcome=complained splats='{ "kind": "oops", "title": "BUG: an oops" }' ;;
slow) outcome=timed-out ;;
dead) outcome=panicked ;;
esac
printf '{ "outcome": "%s", "status": %d, "guest_status": %d, "reason": "it %s", "seconds": 0.2, "splats": [%s],
	"tests": { "passed": 1, "failed": 0, "failures": [%s] }, "limit": %d }\n' $outcome $status $status $outcome \
	"$splats" "$(sed -n 's/^\(not ok.*\)/"\1"/p' <<<"$said" | paste -sd ,)" "$limit" >"$work/last/result.json"
EOS
chmod +x "$out/host/vm"

program futex:good 'ls >ls' 'cat helper'
program futex:skips 'echo "ok 1 # SKIP no such clock"' 'exit 4'
program futex:fails 'echo "not ok 2 wakes"' 'exit 1'
program futex:oopses 'echo oops'
program futex:killed 'echo killed' 'exit 137'
program futex:hangs 'echo slow'
program timers:dies 'echo dead'
program timers:bash '#!/usr/bin/env bash' true
program timers:by-hand 'exit 0'
chmod -x "$install/timers/by-hand"
echo timers:missing >>"$install/kselftest-list.txt"
mkdir "$install/futex/empty"
echo 'helps' >"$install/futex/helper"
cat >"$out/kselftest/build.log" <<'EOS'
cc: error: no such library
make: [x: /k/timers/missing] Error 1 (ignored)
make[1]: Entering directory '/linux/tools/testing/selftests/futex'
ld: cannot open output file in-place: Read-only file system
make[1]: [<builtin>: in-place] Error 1 (ignored)
EOS
printf '%s\n' timers:in-place futex:in-place >>"$install/kselftest-list.txt"
echo timeout=7 >"$install/timers/settings"

# kselftest WORD... - sets $status; what it printed, with single blanks, is in $tmp/said
kselftest()
{
	env "$@" timeout 60 src/commands/kselftest/kselftest "$out" 1 >"$tmp/output" 2>"$tmp/error"
	status=$?
	cat "$tmp/error" >&2
	sed -E 's/ +/ /g' "$tmp/output" >"$tmp/said"
}

# results KEY TEST
results()
{
	perl -MJSON::PP -e '($key, $test) = @ARGV;
		while (<STDIN>) { $line = decode_json($_); $value = $line->{$key} if $line->{test} eq $test }
		print $value' "$@" <"$out/results/kselftest.jsonl"
}

kselftest
is 'each test has its verdict' "$(sed "s,$out,OUT," "$tmp/said")" 'passed futex:good
skipped futex:skips
 no such clock
fails futex:fails
 it ended with status 1: not ok 2 wakes
splat futex:oopses
 BUG: an oops
splat futex:killed
 BUG: an oops that kills
hangs futex:hangs
 it takes longer than 45 s
panic timers:dies
 it panicked
skipped timers:bash
 this root has no bash
passed timers:by-hand
no build timers:missing
 cc: error: no such library
no build timers:in-place
 it was not built, see OUT/kselftest/build.log
no build futex:in-place
 ld: cannot open output file in-place: Read-only file system
12 tests: 1 fails, 1 hangs, 3 no build, 1 panic, 2 passed, 2 skipped, 2 splat'
is '... and one that fails fails all' "$status" 1
is 'a test has what lies beside it, and no other test' \
	"$(paste -sd ' ' "$out/kselftest/runs/futex.good/vm/root/kselftest/futex/ls")" 'empty good helper ls'
is 'results are lines of JSON' "$(results verdict futex:skips) $(results why futex:skips)" 'skipped no such clock'
is '... also of what was not run' "$(results verdict timers:missing), $(results verdict timers:bash)" 'no build, skipped'
is '... and the time limit is that of the folder' "$(results limit timers:dies) $(results limit futex:good)" '7 45'
kselftest KILN_TARGETS=timers:by-hand KILN_TIMEOUT=9
is 'one test may be asked for, with a limit' "$status $(cat "$tmp/said") $(results limit timers:by-hand)" \
	'0 passed timers:by-hand
1 test: 1 passed 9'

tab=$'\t'
printf '%s\n' '# known' "futex:fails${tab}2999-01-01${tab}the lock" "futex:hangs${tab}2020-01-01${tab}old" \
	"futex:good${tab}2999-01-01${tab}mended" >"$tmp/known"
kselftest KILN_TARGETS=futex KILN_KNOWN="$tmp/known"
is 'a known failure is told and counts for nothing' "$(grep -A 1 '^known' "$tmp/said")" 'known futex:fails
 fails, known until 2999-01-01: the lock'
is '... up to its day' "$(grep -A 1 '^hangs' "$tmp/said")" 'hangs futex:hangs
 it takes longer than 45 s (known until 2020-01-01: old)'
is '... and one that passes is named' "$(sed -n 2p "$tmp/said")" ' it was known to fail until 2999-01-01: mended'
kselftest KILN_TARGETS=futex:fails KILN_KNOWN="$tmp/known"
is '... alone it fails nothing' "$status" 0

kselftest KILN_TARGETS='futex:good futex:oopses' KILN_JSON=1 KILN_JUNIT="$tmp/junit"
is 'lines alone are printed if that is asked for' "$status $(jq -r '"\(.goal) \(.test) \(.verdict)"' "$tmp/output" | paste -sd ,)" \
	'1 kselftest futex:good passed,kselftest futex:oopses splat'
ok '... in the form that all have' "$LAB/host/results" check "$tmp/output"
ok '... and JUnit has them' grep -q 'name="futex:oopses"' "$tmp/junit"

# One that passes as a list says
program futex:listed "status=\$(sed q '$tmp/list'); sed -i 1d '$tmp/list'; exit \$status"
touch "$out/run"
chmod +x "$out/run"
printf '%s\n' 0 0 1 0 0 0 0 1 0 0 >"$tmp/list"
kselftest KILN_TARGETS=futex:listed KILN_COUNT=10
is 'how often one passes' "$status $(sed -n '1p; $p' "$tmp/said" | sed "s,$tmp/,,")" '1 failed: 2 with status 1
out: 8 of 10 passed: 80.0 %, by 95 % between 49.0 % and 94.3 %'
is '... each with a line of its own' "$(jq -r 'select(.test == "futex:listed").verdict' "$out/results/kselftest.jsonl" | sort | uniq -c | xargs)" \
	'2 fails 8 passed'
cp -a "$out" "$tmp/other"
printf '%s\n' 1 0 1 0 1 0 >"$tmp/list"
kselftest KILN_TARGETS=futex:listed KILN_COUNT=3 KILN_AGAINST="$tmp/other"
is '... and whether it is worse than in another lab' "$status $(tail -n 1 "$tmp/said")" \
	'0 no difference seen (p = 0.1); were these the true shares, 4 runs of each would tell'

is '... and the line that repeats one' "$(tail -n 1 "$tmp/other/results/kselftest.jsonl" | jq -r .repeat)" \
	"make kselftest O='$tmp/other' TARGETS='futex:listed'"

# Before any work
kselftest KILN_TARGETS=net
is 'an unknown test is a sentence' "$status $(cat "$tmp/error")" \
	"1 kselftest: TARGETS=net: there is no such test; see $install/kselftest-list.txt"
kselftest KILN_KNOWN=/nowhere
is '... and so is a file that is not there' "$(cat "$tmp/error")" 'kselftest: KNOWN=/nowhere: there is no such file'
echo 'futex:good tomorrow' >"$tmp/known"
kselftest KILN_KNOWN="$tmp/known"
is '... and a line there without a day' "$(cat "$tmp/error")" \
	"kselftest: $tmp/known:1: a line is FOLDER:TEST, the day YYYY-MM-DD and the reason, separated by tabs"

linux=$tmp/linux
mkdir -p "$linux/tools/testing/selftests/futex"
touch "$linux/tools/testing/selftests/futex/Makefile"
printf '%s\n' '# why' CONFIG_A=m 'CONFIG_B="x"' >"$linux/tools/testing/selftests/futex/config"
printf '%s\n' CONFIG_A=y 'CONFIG_B="x"' >"$out/linux/build/.config"
check() { src/commands/kselftest/build check "$linux" "$out/linux/build" "$@" 2>&1; }
is 'options that the kernel has are well' "$(check futex)" ''
sed -i /CONFIG_A/d "$out/linux/build/.config"
is '... and one that it has not is named' "$(check futex)" \
	'kselftest: futex needs CONFIG_A=m, which this kernel has not: FIX=y adds futex to LINUX_KSELFTEST_TARGETS in the menu, and builds again'
mkdir "$out/modules"
printf '%s\n' CONFIG_X=y 'CONFIG_LINUX_KSELFTEST_TARGETS="kcmp size"' >"$out/.config"
export KILN_FIX=$out/modules/.fixed
is '... and by choice written into the menu' "$(check futex) $(sed -n 2p "$out/.config")" \
	'kselftest: LINUX_KSELFTEST_TARGETS in the menu has futex now, for this kernel lacked what these need CONFIG_LINUX_KSELFTEST_TARGETS="kcmp size futex"'
ok '... which makes make build again' test -e "$KILN_FIX"
unset KILN_FIX
is '... as is a folder that there is not' "$(check mutex)" \
	'kselftest: TARGETS: there is no folder mutex in tools/testing/selftests of this kernel'
finish
