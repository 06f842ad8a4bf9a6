#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each way a run can end, with a fake QEMU: status, outcome, reason, the time it
# takes, and that nothing is left of it.
#
# Needs: fakes
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/fake/fakevm.sh
. src/test/fake/fakevm.sh

# ends BEHAVIOUR STATUS OUTCOME SECONDS REASON [WHAT IS SAID, TOO]
ends()
{
	local began=${EPOCHREALTIME/./} took

	FAKE_TCG=$1 vm run -- sh -c 'echo to be lost; sleep 1000'
	took=$((${EPOCHREALTIME/./} - began))
	is "$1: $5" "$status $(of_result outcome) $(of_result status)" "$2 $3 $2"
	ok '... that is the reason' grep -q "\"reason\": \".*$5" "$lab/vm/last/result.json"
	ok '... and is said' said "$5"
	[ $# -lt 6 ] || ok '... and what went before is shown' said "$6"
	ok '... and no QEMU is left' none_lives
	is '... nor another thing' "$(left_over)" ''
	ok "... within $4 s" in_time $took "$4"
}

configure $tcg VM_BOOT_TIMEOUT=1
ends hang 125 not-up 6 'did not come up in 1 s'
ends silent 125 not-up 3 'did not come up in 1 s' '| .*Linux version'
ends deaf 125 not-up 6 'did not come up in 1 s'
ends reset-loop 125 not-up 6 'did not come up in 1 s'

configure $tcg
ends refuse 125 not-up 1 'QEMU ended with status 1' 'no such option'
ends abort 125 not-up 1 'QEMU was killed by SIGABRT'
ends triple-fault 125 not-up 1 'reset without a message' '| .*Linux version'
ends old-log 125 not-up 1 'reset without a message' '| .*reboot: Restarting'
ends ok 125 not-up 1 'the guest shut down' '| .*reboot: Restarting'
ends halt 125 not-up 2 'the guest shut down' '| .*System halted'
ends broken 125 not-up 1 'QEMU cannot go on'
ends panic 255 panicked 1 'Kernel panic - not syncing: the fake wants it' '| .*end Kernel panic'
ends late-die 255 vanished 2 'QEMU was killed by SIGKILL'
ends late-panic 255 panicked 2 'Kernel panic - not syncing: the fake wants it'
ends late-pvpanic 255 panicked 8 'the kernel panicked'
ends late-triple-fault 255 vanished 2 'reset without a message'
ends late-reset-loop 255 vanished 5 'the machine was reset'
ends late-broken 255 vanished 2 'QEMU cannot go on'
ends late-gone 255 vanished 2 'agent in the guest is gone'
ends late-nonsense 255 vanished 2 'agent sent bytes that are no frame'

FAKE_TCG=late-sleep vm run -- sh -c 'echo good morning; exit 3'
is 'a guest that sleeps resets its devices: the command goes on' "$status $(<"$tmp/out")" '3 good morning'

# One that is held at its end, so that its memory can be read
configure $tcg VM_DUMP=y
ends late-triple-fault 255 vanished 2 'reset without a message'
configure $tcg

FAKE_TCG=up vm run -t 1 -- sleep 1000
is 'the time limit passes: 124' "$status $(of_result outcome)" '124 timed-out'
ok '... which is said' said 'the time limit of 1 s passed'
ok '... and no QEMU is left' none_lives

vm run -e 'echo at the end; exit 4' -- sh -c 'echo first; exit 3'
is "a last line for the guest: the status is the command's" "$status $(of_result outcome)" '3 failed'
is '... and so is the output' "$(<"$tmp/out")" first
is '... that of the line is in the run'"'"'s folder' "$(<"$lab/vm/last/at-end")" 'at the end'
ok '... its status is said' said 'command at the end ended with status 4$'
vm run -t 1 -e 'sleep 1000' -- true
is '... one that hangs is cut off, and changes no more' "$status $(of_result outcome)" '0 passed'
ok '... and no QEMU is left' none_lives
FAKE_TCG=late-gone vm run -e 'echo at the end' -- sh -c 'sleep 1000'
ok '... no command has ended: nor is the line run' [ ! -e "$lab/vm/last/at-end" ]

FAKE_TCG=late-warning vm run -- true
is 'the kernel complains, the command does not: 254' "$status $(of_result outcome)" \
	'254 complained'
ok '... the title is said' said 'WARNING: .* fake'
FAKE_TCG=late-warning vm run -- sh -c 'exit 3'
is '... but the command'\''s own failure comes first' "$status" 3
ok '... and the complaint is on record' grep -q '"title": "WARNING' "$lab/vm/last/result.json"

# With debugging information, and without; the kernel's script asks no more of it.
ok '... without its places, for the kernel does not know them' \
	[ "$(grep -c '"decoded"' "$lab/vm/last/result.json")" = 0 ]
mkdir "$lab/linux/build"
ln -s "$LINUX" "$lab/linux/build/source"
printf 'int fake(void)\n{\n\treturn 1;\n}\nint main(void)\n{\n\treturn fake();\n}\n' >"$tmp/fake.c"
gcc -g -O1 -fdebug-prefix-map="$tmp=/kiln/linux/kernel" -o "$lab/linux/build/vmlinux" "$tmp/fake.c"
FAKE_TCG=late-warning vm run -- true
ok 'a kernel that knows them: the report has the places in the source' \
	said 'fake (kernel/fake.c:4)'
ok '... on record, too' grep -q '"decoded"' "$lab/vm/last/result.json"
cat >"$lab/vm/decode" <<'EOF'
#!/bin/sh
echo decoding >"$FAKE/events"
sleep 1000
EOF
FAKE_TCG=late-warning start run -- true
next_event
is 'Ctrl-C while reports are decoded' "$event" decoding
kill -INT "$pid"
next_event
is '... leaves them as they are' "$event $(of_result outcome)" 'status 254 complained'
cp recipes/vm/decode "$lab/vm/"
rm -r "$lab/linux/build"

# A person's run has no result; the rest of the table holds.
FAKE_TCG=ok vm run
is 'a person: the guest shuts down: 0' "$status $(of_result outcome)" '0 ended'
ok '... and nothing is said' [ ! -s "$tmp/err" ]
FAKE_TCG=halt vm run
is 'a person: the guest halts, which QEMU does not notice: 0' "$status" 0
FAKE_TCG=panic vm run
is 'a person: a panic: 255' "$status $(of_result outcome)" '255 panicked'
FAKE_TCG=triple-fault vm run
is 'a person: a triple fault: 125' "$status" 125

# Standard input that is no terminal is typed, and its end ends the machine.
piped()
{
	timeout 60 "$VM" -O "$lab" run >"$tmp/out" 2>"$tmp/err"
	status=$?
}

seq 100000 >"$tmp/lines"
piped <"$tmp/lines"
is 'a file as input: 0' "$status $(of_result outcome) $(of_result reason)" '0 ended standard input ended'
ok '... and all of it is typed' cmp "$tmp/lines" <(grep -x '[0-9]*' "$tmp/out")
is '... and nothing is said' "$(<"$tmp/err")" ''
ok '... and no QEMU is left' none_lives
vm run
is 'no input at all: 0' "$status $(of_result outcome)" '0 ended'
piped <<<$'\001x'
is 'Ctrl-A X in a file is typed, too' "$status $(of_result outcome) $(grep -c $'\001x' "$tmp/out")" '0 ended 1'
configure $tcg VM_LIMIT=1
FAKE_TCG=late-busy vm run
is 'nobody reads the console: 124 after the limit of the menu' \
	"$status $(of_result outcome)" '124 timed-out'
ok '... which is named' said 'limit of 1 s passed (VM_LIMIT)'
FAKE_TCG=late-busy vm run -t 2
ok '... but that of the run counts more' said 'limit of 2 s passed$'
configure $tcg
FAKE_TCG=late-mute vm run
is 'the console cannot be typed at: 255' "$status $(of_result outcome)" '255 vanished'
ok '... which is said' said 'standard input cannot be typed: No such device'
piped <<<poweroff
is 'the guest shuts down at what is typed: 0' "$status $(of_result reason)" '0 the guest shut down'

FAKE_TCG=flood vm run -- sh -c 'exit 5'
is 'a flood of 100 MB on the console: the status is the command'\''s' "$status" 5
size=$(stat -c %s "$lab/vm/last/console.log")
ok '... whose log is bounded' [ "$size" -lt 10000000 ]
ok '... has the beginning' grep -q 'first words' "$lab/vm/last/console.log"
ok '... and the end' grep -q 'last words' "$lab/vm/last/console.log"
ok '... and says what is left out' grep -q 'bytes are left out here' "$lab/vm/last/console.log"
is '... while all was counted' "$(($(of_result console_bytes) > 100000000))" 1

# Sanitizers would keep a shadow of it.
cat >"$tmp/memory" <<'EOF'
#!/bin/sh
until [ "$("$1" -w "$2/vm/last" status | sed -n 's/^console_bytes *//p')" -gt 100000000 ]; do
	sleep 0.05
done
sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(readlink "$2/vm/last" | sed 's/.*-//')/status"
EOF
chmod +x "$tmp/memory"
VM=$LAB/host/vm FAKE_TCG=flood vm run -- "$tmp/memory" "$LAB/host/vm" "$lab"
sed 's/^/# KB: /' "$tmp/out"
ok '... and the supervisor takes 16 MB at most for it' \
	[ "$(($(<"$tmp/out") > 0 && $(<"$tmp/out") <= 16384))" = 1 ]

# Mounts of our own.
mounts=(unshare -m)
[ "$(id -u)" = 0 ] || mounts=(unshare -rm)
full_disk()
{
	mount -t tmpfs -o size=64k none "$lab/vm/runs" &&
		head -c 64K /dev/zero >"$lab/vm/runs/filler"
	vm run -- sh -c 'echo it runs; exit 6'
	[ "$status" = 6 ] && grep -q 'it runs' "$tmp/out" && said 'No space left' &&
		[ "$(ls "$lab/vm/last/")" = console.log ]
}
export -f full_disk vm said
export lab tmp VM
if "${mounts[@]}" mount -t tmpfs none "$lab/vm/last" 2>/dev/null; then
	ok 'a full disk: the command runs, its status counts, no half file stays' \
		"${mounts[@]}" bash -c full_disk
else
	result 0 'a full disk # SKIP this user may not mount anything'
fi

finish
