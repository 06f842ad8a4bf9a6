#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# eBPF programs are built, put into a machine that runs, and started anew; those that
# hold a module give way to a new one of it.
#
# Needs: lab

# shellcheck disable=SC2016,SC2317 # the guest's; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

[ -e "$LAB/bpf/again/bpf-again" ] || skip_all 'this lab has no eBPF (make ebpf_defconfig)'

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
source=$(source_word)
o=$tmp/o
copy_checkout "$tmp/checkout"
show_lab "$o"
cp -a "$LAB/bpf" "$o/"
cd "$tmp/checkout" || exit 1

vm()
{
	timeout 60 "$LAB/host/vm" -O "$o" "$@"
}

cleanup()
{
	vm stop
	rm -rf "$tmp"
}
trap cleanup EXIT

# reload VARIABLE... - sets $status; what was said is in $tmp/said
reload()
{
	timeout 100 make O="$o" "$source" reload "$@" >"$tmp/said" 2>&1
	status=$?
}

said()
{
	grep -qE -e "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

# await PATTERN NAME - in what the program NAME prints in the guest
await()
{
	vm exec -- sh -c 'until grep -qE -e "$0" "/run/$1.log"; do usleep 20000; done' "$1" "$2"
}

for program in execs vqlat modcalls applets; do
	ok "$program is one static program" \
		sh -c '[ -x "$0" ] && ! readelf -lW "$0" | grep -q INTERP' "$LAB/bpf/$program/$program"
done

reload B=execs
ok 'no machine: it says how to get one' said 'no machine runs.*make start'
reload B=exces
ok 'B= of no program is refused' said 'B=exces: there is no bpf/exces/exces.bpf.c'
reload B=execs M=hello
ok 'a module and a program at once are refused' said 'M=hello is a module and B=execs'

vm start
reload B=execs
ok 'a program that did not run is started' said '^execs runs, its output goes to /run/execs.log'
sed -i 's/file=/name=/; s/char file\[/char name[/; s/event->file/event->name/g' bpf/execs/execs.bpf.c
reload B=execs
ok 'one that runs gives way to the new one' said '^execs runs'
is '... and nothing else is built' "$(sed -nE 's/^  ([a-z]+) +([a-z]+)$/\1:\2/p' "$tmp/said")" bpf:execs
vm exec -- /bin/date >"$tmp/ignored"
ok '... and is the new one' await '^pid=[0-9]+ parent=[0-9]+ name=/bin/date$' execs

if [ -e "$LAB/bpf/bpftool/bpftool" ]; then
	vm exec -- bpftool prog list >"$tmp/said" 2>&1
	ok 'bpftool of the guest lists what is loaded' said '^[0-9]+: tracepoint  name .* gpl'
else
	result 0 'bpftool of the guest lists what is loaded # SKIP this lab has none (BPF_BPFTOOL)'
fi

# fentry holds the module.
vm exec -- sh -c 'modprobe hello && bpf-again run /usr/bin/modcalls' >"$tmp/said" 2>&1
ok 'a program is attached to a module' said '^modcalls runs'
sed -i 's/Goodbye/Farewell/' kmod/hello/hello.c
reload M=hello
is 'a module that a program is attached to is replaced' "$status" 0
ok '... the program is ended before' said '^modcalls \(process [0-9]+\) was ended$'
ok '... and started behind it' said '^modcalls runs'
vm exec -- cat /sys/kernel/debug/hello/greeting >"$tmp/ignored"
ok '... where it sees the new one' await '^function=greeting_show pid=[0-9]+ comm=cat' modcalls

# What the kernel does not take
mkdir bpf/broken
cat >bpf/broken/broken.bpf.c <<'EOF'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tracepoint/sched/sched_process_exit")
int broken(void *ctx)
{
	return *(volatile int *)8;
}
EOF
reload B=broken
ok 'a program that the kernel refuses is not started' test "$status" != 0
ok '... and why is told' said '^broken: the kernel refuses broken: .*invalid mem access'
ok '... with the line of the source' said '^  (broken\.bpf\.c:9: )?return \*\(volatile int \*\)8;$'
ok '... in few lines' test "$(grep -cE '^[0-9]+: \(' "$tmp/said")" -le 1

# The page's own program
mkdir bpf/exits
block_of docs/ebpf.md#a-program-of-your-own '#include "vmlinux.h"' | sed 's/^        /\t/' >bpf/exits/exits.bpf.c
reload B=exits
ok 'the program of docs/ebpf.md runs' said '^exits runs'
vm exec -- /bin/date >"$tmp/ignored"
ok '... and tells what ends' await '^pid=[0-9]+ comm=date$' exits

finish
