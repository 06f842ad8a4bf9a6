#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make kunit: which suites there are, in which machine each runs, and what is said of it; with
# a machine that only prints logs.
#
# shellcheck disable=SC2016,SC2317 # what others expand; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset "${!KILN_@}"
out=$tmp/out
build=$out/linux/build
export WORLD=$tmp/world
mkdir -p "$out/host" "$build/lib" "$build/include/config" "$WORLD/logs" "$WORLD/bin" "$WORLD/kunit"
echo 6.12.0 >"$build/include/config/kernel.release"
echo CONFIG_KUNIT=m >"$build/.config"

# source_of SECTION SUITE... - the C of a file with these suites
source_of()
{
	local name n=0

	echo 'struct suite { const char name[256]; void (*init)(void); void *cases; };'
	echo 'static void run(void) {}'
	echo 'static void *none[2], *cases[2] = { run };'
	for name in "${@:2}"; do
		echo "static struct suite suite$n = { \"$name\", run, ${name/*-empty/none} };" |
			sed "s/run, [^n].* }/run, cases }/"
		echo "static struct suite *table$n __attribute__((used, section(\"$1\"))) = &suite$n;"
		n=$((n + 1))
	done
}

# module NAME SUITE...
module()
{
	source_of .kunit_test_suites "${@:2}" | gcc -c -x c -o "$build/lib/$1.ko" -
	echo "lib/$1.o" >>"$build/modules.order"
}

# passes NAME CASE... - the log of a suite of which the cases pass; `not:x' does not, `slow:x' and
# `skip:x' are left out
passes()
{
	local name=$1 one n=0 word=ok

	shift
	printf '    KTAP version 1\n    # Subtest: %s\n    1..%d\n' "$name" $#
	for one; do
		n=$((n + 1))
		case $one in
		not:*) echo "    not ok $n ${one#*:}" && word='not ok' ;;
		slow:*) printf '    # %s.speed: slow\n    ok %d %s # SKIP\n' "${one#*:}" $n "${one#*:}" ;;
		skip:*) echo "    ok $n ${one#*:} # SKIP no such device" ;;
		*) echo "    ok $n $one" ;;
		esac
	done
	echo "$word ${number:-1} $name"
}

# log GLOB - what comes of such a suite: a stamp is put before each line
log()
{
	{ echo 'KTAP version 1'; echo '1..1'; cat; } | sed 's/^/[    1.234567][   T61] /' >"$WORLD/logs/$1"
}

# A machine that runs what the guest would, with programs and files of $WORLD in the place of
# the kernel; it ends as these have left it in $RING.
cp "$LAB/host/results" "$out/host/"
cat >"$out/host/vm" <<'EOS'
#!/bin/bash
append= limit=
while [ "$1" != run ]; do
	case $1 in
	-w) work=$2 ;;
	-a) append=$2 ;;
	-t) limit=$2 ;;
	esac
	shift 2
done
shift 2
export RING=$work/ring APPEND=$append
mkdir -p "$work/last" "$RING"
rm -f "$WORLD"/kunit/*
echo "${*:6} ($append)" >>"$WORLD/machines"
echo 0 >"$RING/tainted"
touch "$WORLD"/kunit/{filter,filter_action,filter_glob} "$RING"/{log,splats}
script=${3//\/proc\/sys\/kernel\/tainted/$RING/tainted}
PATH=$WORLD/bin:$PATH "$1" "$2" "${script//\/sys\/module\/kunit\/parameters/$WORLD/kunit}" "${@:4}"
status=$?
outcome=passed
[ ! -s "$RING/splats" ] || outcome=complained status=254
[ ! -e "$RING/outcome" ] || outcome=$(<"$RING/outcome")
cp "$RING/log" "$work/last/console.log"
printf '{ "outcome": "%s", "status": %d, "reason": "it %s", "splats": [%s] }\n' $outcome $status $outcome \
	"$(paste -sd , "$RING/splats")" >"$work/last/result.json"
EOS
cat >"$WORLD/bin/modprobe" <<'EOS'
#!/bin/bash
[ "$1" != kunit ] || exit 0
glob=$(<"$WORLD/kunit/filter_glob")
[ -e "$WORLD/logs/$glob" ] || exit 0
cat "$WORLD/logs/$glob" >>"$RING/log"
splat() { echo "{ \"kind\": \"$1\", \"title\": \"$2\", \"lines\": [\"$2 at x.c:1\"] }" >>"$RING/splats"; }
case $glob in
warns) splat warning 'WARNING: of a suite' ;;
oops*) splat oops 'BUG: an oops' && echo 128 >"$RING/tainted" ;;
kunit_fault) splat oops 'BUG: kernel NULL pointer dereference' && echo 128 >"$RING/tainted" ;;
panics) echo panicked >"$RING/outcome" && kill $PPID ;;
hangs) echo timed-out >"$RING/outcome" && kill $PPID ;;
unloadable) echo 'modprobe: no symbol' && exit 1 ;;
esac
EOS
cat >"$WORLD/bin/dmesg" <<'EOS'
#!/bin/bash
if [ "$1" = -c ]; then
	cat "$RING/log"
	: >"$RING/log"
	exit
fi
echo '[    0.1] Linux version'
printf '[    0.2] %s\n' 'KTAP version 1' 1..2
for glob in boot-one boot-two; do
	case "$APPEND " in *filter_glob=$glob\ * | *filter_glob=boot\*\ * | *kunit.enable=1\ kunit.filter=* | *kunit.enable=1\ log_buf*)
		sed 1,2d "$WORLD/logs/$glob" | sed -E 's/^\[ *[0-9.]+\]\[[^]]*\]/[    0.2]/' ;;
	esac
done
EOS
printf '#!/bin/sh\n' >"$WORLD/bin/rmmod"
chmod +x "$out/host/vm" "$WORLD"/bin/*

# kunit WORD... - sets $status; what it printed is in $tmp/said
kunit()
{
	rm -f "$WORLD/machines"
	env "$@" timeout 60 src/commands/kunit/kunit "$out" 1 >"$tmp/said" 2>"$tmp/error"
	status=$?
	cat "$tmp/error" >&2
}

machines() { grep -c . "$WORLD/machines"; }

# results KEY SUITE
results()
{
	perl -MJSON::PP -e '($key, $suite) = @ARGV;
		while (<STDIN>) { $line = eval { decode_json($_) } or next; $value = $line->{$key} if $line->{test} eq $suite }
		print ref $value ? JSON::PP->new->canonical->encode($value) : $value' "$@" <"$out/results/kunit.jsonl"
}

module a good 'two words'
module b fails is-empty
passes good one skip:two slow:three | log good
passes 'two words' one | log 'two?words'
passes fails one not:two | log fails

kunit
is 'each suite has its verdict' "$(sed 's/ *$//' "$tmp/said")" \
"passed     good                           1 passed, 2 skipped
passed     two words                      1 passed
fails      fails                          1 passed, 1 failed
           two
3 suites: 1 fails, 2 passed; cases left out for they are slow: 1 (SLOW=1 runs them)"
is '... and one that fails fails all' "$status" 1
is 'all run in one machine' "$(machines)" 1
is 'the kernel leaves out what is slow' "$(<"$WORLD/kunit/filter") $(<"$WORLD/kunit/filter_action")" 'speed>slow skip'
is 'results are lines of JSON' "$(results verdict fails) $(results why fails) $(results module good)" 'fails two a'
is '... with each case' "$(results cases good)" \
	'[{"name":"one","verdict":"passed","why":""},{"name":"two","verdict":"skipped","why":"no such device"},{"name":"three","verdict":"skipped","why":"slow"}]'

kunit KILN_SUITES='go* two*' KILN_APART=1 KILN_SLOW=1
is 'by choice each has a machine of its own' "$status $(machines)" '0 2'
is '... and slow cases run' "$(wc -c <"$WORLD/kunit/filter")" 0
is 'those of a pattern are what runs' "$(tail -n 1 "$tmp/said")" '2 suites: 2 passed'
kunit KILN_SUITES=good.on*
is 'a pattern may be of cases' "$(cut -f 3 "$out/kunit/good/units")" 'good.on*'
is '... which run though they are slow' "$(wc -c <"$WORLD/kunit/filter")" 0

touch "$out/run"
chmod +x "$out/run"
kunit KILN_SUITES='go* two*' KILN_COUNT=3
is 'how often each passes' "$status $(machines) $(cut -d : -f 1,2 "$tmp/said" | sed "s,$tmp/,," | paste -sd '|')" \
	'0 6 good, out: 3 of 3 passed|two?words, out: 3 of 3 passed'
kunit KILN_SUITES='fails' KILN_COUNT=2 KILN_UNTIL=fail
is '... until one fails, and then what it said' "$status $(machines) $(sed -n '1p; s/^    //p' "$tmp/said" | sed 's/  */ /g' | paste -sd '|')" \
	'1 1 failed: 1 with status 1|fails fails 1 passed, 1 failed| two'

kunit KILN_SUITES='go* fails' KILN_JSON=1 KILN_JUNIT="$tmp/junit" KILN_LINUX_DIR=/a/tree
is 'lines alone are printed if that is asked for' "$status $(jq -r '"\(.goal) \(.test) \(.verdict)"' "$tmp/said" | paste -sd ,)" \
	'1 kunit good passed,kunit fails fails'
is '... with what repeats one, which names the kernel' "$(jq -r .repeat "$tmp/said" | head -n 1)" \
	"make kunit O='$out' LINUX_DIR='/a/tree' SUITES='good'"
ok '... in the form that all have' "$LAB/host/results" check "$tmp/said"
is '... and JUnit has each case' "$(grep -c '<testcase' "$tmp/junit")" 5

printf '%s' '{"suite":"cut' >>"$out/results/kunit.jsonl"
lines=$(grep -c . "$out/results/kunit.jsonl")
kunit KILN_SUITES=good
is 'a line that was cut off spoils none' "$(grep -c . "$out/results/kunit.jsonl") $(results verdict good)" "$((lines + 1)) passed"

# What goes wrong, each in its way; the last ones are after an oops.
module c warns
module d kunit_fault oopses after
module e panics
module f hangs
module g disabled unloadable silent
for name in warns after kunit_fault; do
	passes $name one | log $name
done
echo 'WARNING: of a suite at x.c:1' | sed 's/^/[    2.0][   T62] /' >>"$WORLD/logs/warns"
echo 'BUG: kernel NULL pointer dereference at x.c:1' | sed 's/^/[    2.0][   T62] /' >>"$WORLD/logs/kunit_fault"
printf '    KTAP version 1\n    # Subtest: oopses\n    1..2\nBUG: an oops at x.c:1\n' | log oopses
printf '    KTAP version 1\n    # Subtest: panics\n    1..1\n' | log panics
printf '    KTAP version 1\n    # Subtest: hangs\n    1..1\n' | log hangs
echo 'kunit: disabled' >"$WORLD/logs/disabled"
: >"$WORLD/logs/unloadable"
kunit
sed -E 's/ +/ /g; s/ $//' "$tmp/said" >"$tmp/words"
has() { grep -qx -e "$1" "$tmp/words" || { cat "$tmp/words"; return 1; }; }
why() { grep -A 1 -e "^$1\\b" "$tmp/words" | tail -n 1 | sed 's/^ //'; }
is 'a complaint of the kernel fails its suite' "$(grep ' warns ' "$tmp/words"): $(why 'splat warns')" 'splat warns 1 passed: WARNING: of a suite'
ok '... but not one that a suite provokes on purpose' has 'passed kunit_fault 1 passed'
is 'an oops fails one suite' "$(why 'splat oopses')" 'BUG: an oops'
ok '... and no other' has 'passed after 1 passed'
is '... for those behind have machines of their own' "$(grep -c '^[^-]' "$WORLD/machines")" 8
is 'a panic' "$(why 'panic panics')" 'it panicked'
is 'a suite that does not end' "$(why 'hangs hangs')" 'it timed-out'
is 'KUnit that is off is no success' "$(why 'never ran disabled')" 'kunit: disabled'
is '... nor is a module that does not load' "$(why 'never ran unloadable')" 'modprobe: no symbol'
is '... nor is silence' "$(why 'never ran silent')" 'the log has nothing of it'

# In the kernel itself
rm "$build/modules.order"
echo CONFIG_KUNIT=y >"$build/.config"
source_of .kunit_test_suites boot-one boot-two boot-empty | gcc -c -x c -o "$tmp/kernel.o" -
ld -e 0 --defsym=__kunit_suites_start='ADDR(.kunit_test_suites)' \
	--defsym=__kunit_suites_end='ADDR(.kunit_test_suites) + SIZEOF(.kunit_test_suites)' \
	-o "$build/vmlinux" "$tmp/kernel.o" 2>/dev/null
nm "$build/vmlinux" >"$build/System.map"
passes boot-one one | log boot-one
number=2 passes boot-two one not:two | log boot-two
kunit
is 'suites in the kernel run while it boots' "$(sed -E 's/ +/ /g; s/ $//' "$tmp/said" | tr '\n' '|')" \
	'passed boot-one 1 passed|fails boot-two 1 passed, 1 failed| two|2 suites: 1 fails, 1 passed|'
is '... by what it is told' "$(<"$WORLD/machines")" ' (kunit.enable=1 kunit.filter=speed>slow kunit.filter_action=skip log_buf_len=2M)'
kunit KILN_SUITES=boot-two KILN_SLOW=1
is '... of one' "$status $(<"$WORLD/machines")" '1  (kunit.enable=1 kunit.filter_glob=boot-two log_buf_len=2M)'

# Before any work
rm -f "$WORLD/machines"
kunit KILN_SUITES='boot* nothing*'
is 'a suite that does not exist is a sentence' "$status $(cat "$tmp/error")" \
	"1 kunit: there is no suite nothing* in this kernel or its modules; there are:
boot-one boot-two"
kunit KILN_TIMEOUT=soon
is '... and so is a limit that is none' "$(cat "$tmp/error")" 'kunit: TIMEOUT=soon: must be a number of seconds'
rm "$build/vmlinux"
kunit
is '... and a kernel without any suite' "$(cat "$tmp/error")" \
	'kunit: no suite of KUnit is in this kernel or its modules: see LINUX_KUNIT in the menu'
ok '... and no machine started' test ! -e "$WORLD/machines"
finish
