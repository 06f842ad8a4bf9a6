#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make drgn: what it says where it cannot work; then, if this lab's kernel has debugging
# information, what it sees in a machine that was booted, in one that was saved, and in a
# dump.
#
# Needs: lab
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset KILN_CMD KILN_SCRIPT
lab=$tmp/fake
bin=$tmp/bin

# fake_python VERSION - a python3 that has drgn in this version, or none
fake_python()
{
	printf '%s\n' '#!/bin/sh' "[ -n '$1' ] && echo '$1'" >"$bin/python3"
	chmod +x "$bin/python3"
}

# says [CORE] - what the script says, in one line
says()
{
	PATH=$bin:$PATH src/commands/drgn/drgn "$lab" "$DL" "$@" 2>&1 </dev/null | paste -sd ' '
}

mkdir -p "$bin" "$lab/include/config" "$lab/linux/build" "$lab/vm"
ln -s "$LAB/host" "$lab/host"
printf 'CONFIG_%s\n' LINUX_ARCH=x86_64 TOOLCHAIN_HOST=y >"$lab/include/config/auto.conf"
here="make deps installs Debian 13's, on older systems choose the tools of a Debian release in the menu (TOOLCHAIN_DEBIAN)"
fake_python ''
is 'nothing is built' "$(says)" "drgn: nothing is built in $lab yet; run make first"
echo 'int main(void) { return 0; }' | gcc -g -x c -o "$lab/linux/build/vmlinux" -
is 'no drgn' "$(says)" "drgn: none is installed: $here"
fake_python 0.0.22
is 'one that is too old' "$(says)" "drgn: version 0.0.22 is too old, 0.0.31 or later is needed: $here"
fake_python 0.0.31
is 'no machine' "$(says)" "drgn: no machine runs in $lab; make start or make run starts one"
is 'no dump' "$(says "$tmp/none")" \
	"drgn: there is no $tmp/none; make dump writes one, and so does a panic with VM_DUMP in the menu"
is 'a file that is none' "$(says src/commands/drgn/drgn.t)" "drgn: $PWD/src/commands/drgn/drgn.t is no dump of a machine's memory"
is 'no script' "$(KILN_SCRIPT=$tmp/none says)" "drgn: there is no file $tmp/none"
printf 'CONFIG_%s\n' LINUX_ARCH=x86_64 TOOLCHAIN_DEBIAN=y TOOLCHAIN_RELEASE=none >"$lab/include/config/auto.conf"
is 'none in the root of the tools' "$(says)" 'drgn: none is installed: make toolchain installs it, of trixie or a later release (TOOLCHAIN_RELEASE)'

if ! grep -qx CONFIG_DEBUG_INFO=y "$LAB/linux/build/.config" || [ ! -e "$LAB/modules/hello/hello.ko" ]; then
	result 0 'the rest # SKIP this lab has no debugging information, or no hello'
	finish
fi

# The lab, whose drgn is that of a root of its own or another lab's where it has none.
lab=$tmp/lab
view_lab "$lab"
auto_conf=$lab/include/config/auto.conf
find_drgn()
{
	local root=$DL/toolchain-trixie

	[ -n "$(src/commands/drgn/lacks)" ] || return 0
	[ -e "$root/usr/lib/python3/dist-packages/drgn" ] || return 1
	sed -i '/^CONFIG_TOOLCHAIN_/d' "$auto_conf"
	printf 'CONFIG_TOOLCHAIN_%s\n' DEBIAN=y RELEASE=trixie >>"$auto_conf"
}
rm "$bin/python3"
if ! find_drgn; then
	result 0 'the rest # SKIP neither this machine nor a root of tools has a drgn that is new enough'
	finish
fi
sed -i '/^CONFIG_VM_\(DUMP\|STATES\)=/d' "$auto_conf"
printf 'CONFIG_VM_%s\n' DUMP=y STATES=1 >>"$auto_conf"
trap 'vm stop 2>"$tmp/ignored"; rm -rf "$tmp"' EXIT

vm()
{
	timeout 300 "$LAB/host/vm" -O "$lab" "$@" </dev/null
}

# drgn TEXT [CORE] - what python prints, or what is wrong
drgn()
{
	KILN_CMD=$1 timeout 300 src/commands/drgn/drgn "$lab" "$DL" "${@:2}" 2>&1 </dev/null
}

# The tasks as both sides name them: the guest's /proc has longer names for some threads, and
# adds to a worker what it works at.
tasks='print(*(f"{task.pid.value_()} {task.comm.string_().decode()}"
	for task in for_each_task(prog) if task.pid == task.tgid), sep="\n")'
# shellcheck disable=SC2016 # the guest's
guest_tasks='for task in /proc/[0-9]*; do
	read -r name <$task/comm && echo "${task#/proc/} $name"
done'
guest_tasks()
{
	vm exec -- sh -c "$guest_tasks" |
		sed -E 's|^([0-9]+ kworker/u?[0-9]+:[0-9H]+)[-+].*|\1|; s/^([0-9]+ .{15}).*/\1/' | sort
}

# Those that ran all the time are seen, and no others but those that ran at times.
sees_tasks()
{
	guest_tasks >"$tmp/before"
	drgn "$tasks" | sort >"$tmp/seen"
	guest_tasks >"$tmp/after"
	{
		comm -12 "$tmp/before" "$tmp/after" | comm -23 - "$tmp/seen"
		sort -u "$tmp/before" "$tmp/after" | comm -13 - "$tmp/seen"
	} >"$tmp/differ"
	[ -s "$tmp/before" ] && [ ! -s "$tmp/differ" ] && return
	head -n 100 "$tmp"/{before,seen,after}
	return 1
}

# It goes on while it is looked at: the loop ends.
advance='before = int(prog["jiffies"])
while int(prog["jiffies"]) - before < 10:
	pass
print("on")'

look_at()
{
	ok "$1: the tasks are those that the guest lists" sees_tasks
	is '... the clock ticks' "$(drgn "$advance")" on
	vm exec -- modprobe hello who=drgn
	is '... what is in a module is there' "$(drgn 'prog["who"].string_().decode()')" drgn
	is '... with its functions' "$(drgn 'prog.symbol(prog["greeting_show"].address_).name')" greeting_show
}

ok 'a machine boots' vm start
look_at 'booted'
is 'an expression is printed as at a prompt' "$(drgn '1 + 1; prog["init_task"].comm')" $'2\n(char [16])"swapper/0"'
is 'an error is one' "$(drgn 'prog["no_such_thing"]' | tail -n 1; drgn 'prog["no_such_thing"]' >"$tmp/said" || echo failed)" \
	$'KeyError: \'no_such_thing\'\nfailed'
printf '%s\n' 'import sys' 'print(sys.argv[0], find_task(prog, 1).comm.string_().decode())' >"$tmp/script.py"
is 'a script runs' "$(KILN_SCRIPT=$tmp/script.py drgn '')" "$tmp/script.py init"
is 'so does what stands on standard input' "$(echo 'prog["init_task"].pid' |
	timeout 300 src/commands/drgn/drgn "$lab" "$DL" 2>&1)" '(pid_t)0'
# shellcheck disable=SC2016 # expect's
session()
{
	KILN_LAB=$lab timeout 400 expect -c '
		set timeout 300
		proc await {what} {
			expect -re $what return timeout { exit 1 } eof { exit 2 }
		}
		spawn src/commands/drgn/drgn $env(KILN_LAB) $env(DL)
		await {helpers\.linux import}
		send "prog\[\"init_task\"\].comm\r"
		await {"swapper/0"}
		send "\003"
		await {KeyboardInterrupt}
		await {>>> }
		send "\004"
		expect eof
		lassign [wait] pid id failed status
		exit $status'
}
ok 'a session at a terminal, which Ctrl-C does not end and Ctrl-D does' session
ok 'the machine runs as before' test "$(vm status | sed -n 's/^state *//p')" = up

# The same lab with a kernel of another build ID, which is 16 bytes behind the note's begin.
alike=$tmp/alike
mkdir -p "$alike/linux/build"
ln -s "$lab"/{host,include,vm} "$alike"
objcopy -O binary -j .notes "$LAB/linux/build/vmlinux" "$tmp/notes"
printf other | dd of="$tmp/notes" bs=1 seek=16 conv=notrunc 2>"$tmp/ignored"
objcopy --update-section .notes="$tmp/notes" "$LAB/linux/build/vmlinux" "$alike/linux/build/vmlinux"
lab=$alike
is 'another kernel is named' "$(drgn 1)" "drgn: the machine runs another kernel than $alike/linux/build/vmlinux, or none yet; make stop start starts that one"
lab=$tmp/lab

ok 'its memory is written' vm dump "$tmp/core"
is 'a dump: what is in a module' "$(drgn 'prog["who"].string_().decode()' "$tmp/core")" drgn
drgn "$tasks" "$tmp/core" | sort >"$tmp/dumped"
is '... the tasks' "$(comm -12 "$tmp/before" "$tmp/after" | comm -23 - "$tmp/dumped")" ''
vm stop
vm run -- modprobe crash how=panic >"$tmp/ended" 2>&1
ok '... of a panic, who called for it' grep -q '^#[0-9]* *crash_panic (.*kmod/crash/crash.c:[0-9]' \
	<(drgn 'prog.crashed_thread().stack_trace()' "$lab/vm/last/vmcore")

# A command's machine is found where others look if that is said to be its place.
ok 'a machine is saved' vm run -- true
mkfifo "$tmp/go"
vm -w "$lab/vm" run -- sh -c 'echo here; exec sleep 1000' >"$tmp/go" 2>"$tmp/ended" &
read -r said <"$tmp/go"
is 'it goes on' "$said" here
look_at 'saved'
vm stop
wait
is '... it was not booted' "$(sed -n 's/^  "start": "\(.*\)",/\1/p' "$lab/vm/last/result.json")" state

finish
