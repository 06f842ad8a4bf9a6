#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make trace prints what the kernel does for a command, make boot-chart what it did
# at boot.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

lab=$tmp/lab
view_lab "$lab"

has()
{
	grep -qx "CONFIG_$1=y" "$LAB/linux/build/.config"
}

# trace EVENTS COMMAND - sets status
trace()
{
	timeout 120 make -s O="$lab" trace EVENTS="$1" CMD="$2" >"$tmp/said" 2>"$tmp/errors" </dev/null
	status=$(sed -n 's/^make trace: status //p' "$tmp/errors")
}

# said FILE PATTERN
said()
{
	grep -qE "$2" "$tmp/$1" || { head -30 "$tmp/$1"; return 1; }
}

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
trap '"$lab/host/vm" -O "$lab" stop 2>/dev/null; rm -rf "$tmp"' EXIT
ok 'a machine runs' timeout 120 "$lab/host/vm" -O "$lab" start
if has EVENT_TRACING; then
	trace 'sched:sched_process_exec sched:sched_process_exit' 'ls /; exit 3'
	is 'the command'"'"'s status is told' "$status" 3
	ok 'its events are printed' said said 'sched_process_exit: comm=(sh|ls) '
	ok 'its output is apart' said errors '^root$'
	trace nothing:such true
	is 'an event that is none' "$status" 125
	ok '... is named' said errors '^trace: there is no event nothing:such; '
fi
if has FUNCTION_GRAPH_TRACER; then
	trace '' 'cat /proc/version'
	is 'functions, without events' "$status" ''
	ok '... of what the command did' said said ' (version_proc_show|seq_read_iter|vfs_read)\('
fi
if ! has TRACING; then
	trace '' true
	is 'a kernel that cannot trace' "$status" 125
	ok '... is said to be one' said errors '^trace: this kernel cannot trace; LINUX_FTRACE in the menu'
fi
"$lab/host/vm" -O "$lab" stop

# Names are the guest's.
ok 'a drawing has no place for programs' grep -q '&lt;script&gt;?&amp;' \
	<(awk -f src/commands/boot-chart/svg -f src/commands/boot-chart/draw <(printf '1.5 <script>\033&\n') /dev/null)
timeout 120 src/commands/boot-chart/boot-chart "$lab" >"$tmp/said" 2>"$tmp/errors"
is 'a boot is drawn' "$?" 0
is 'ten initcalls are listed' "$(grep -cE '^ +[0-9]+\.[0-9]{3}  [a-z0-9_]+$' "$tmp/said")" 10
ok 'the slowest first' sort -s -c -r -n -k 1,1 <(sed -n '2,11p' "$tmp/said")
for stone in 'the kernel begins' 'initramfs is unpacked' 'init runs' 'the agent is ready' \
	"the root's own init is /sbin/init" 'the console has .*sh'; do
	ok "when: $stone" said said "^ +[0-9]+\.[0-9]{3}  $stone$"
	ok '... is drawn, too' grep -q "<text .*$stone</text>" "$lab/boot-chart/boot-chart.svg"
done
ok 'what is drawn is an SVG' python3 -c 'import sys, xml.dom.minidom as m
sys.exit(m.parse(sys.argv[1]).documentElement.tagName != "svg")' "$lab/boot-chart/boot-chart.svg"
ok '... with the slowest initcall in it' grep -q "<text .*>$(sed -n '2s/.* //p' "$tmp/said") [0-9.]* ms<" \
	"$lab/boot-chart/boot-chart.svg"
is 'no machine is left' "$("$lab/host/vm" -O "$lab" status | sed -n 's/^state *//p')" ''

finish
