#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make perf tells where the time went while a command ran: in which function of a module
# that keeps a processor busy, whenever it was loaded.
#
# Needs: lab

# shellcheck disable=SC2016 # the module's and awk's
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
source=$(source_word)
o=$tmp/o
show_lab "$o"

# refused GOAL... - make says so, and builds and starts nothing
refused()
{
	! timeout 100 make O="$o" "$source" "$@" >"$tmp/said" 2>&1
	cat "$tmp/said"
	! grep -q '^  [a-z]* *[a-z]*$' "$tmp/said"
}

is 'without a command it is not done' "$(refused perf | sed 's/^.*\*\*\* //; s/\. *Stop\.$//')" \
	"make perf needs CMD='...', the command to profile"
if ! grep -qx CONFIG_LINUX_PERF=y "$LAB/.config"; then
	ok 'what the menu lacks is named' grep -q '\*\*\* make perf: .*(CONFIG_LINUX_PERF)' \
		<(refused perf CMD=true)
	finish
fi

copy_checkout "$tmp/checkout"
cd "$tmp/checkout" || exit 1
trap '"$LAB/host/vm" -O "$o" stop 2>/dev/null; rm -rf "$tmp"' EXIT

vm()
{
	timeout 60 "$LAB/host/vm" -O "$o" "$@"
}

# perf COMMAND - sets status
perf()
{
	KILN_CMD=$1 timeout 200 src/commands/perf/perf "$o" >"$tmp/said" 2>"$tmp/errors"
	status=$?
}

# said FILE PATTERN
said()
{
	grep -qE -e "$2" "$tmp/$1" || { cat "$tmp/$1"; return 1; }
}

# tooltip PATTERN - prints how many samples the first frame has that matches
tooltip()
{
	sed -nE "s/.*<title>$1: ([0-9]+) of .*/\1/p" "$o/perf/perf.svg" | sed q
}

# Is busy_much the function with the most samples, and has about three times those of busy_little?
is_true_to_life()
{
	local little much

	much=$(tooltip 'busy_much \[busy\]')
	little=$(tooltip 'busy_little \[busy\]')
	echo "much ${much:=0}, little ${little:=0}"
	cat "$tmp/said"
	((little > 0 && much > 2 * little && much < 5 * little)) &&
		said said ' samples, most in busy_much \[busy\] [5-9][0-9]\.[0-9] %, busy_little \[busy\] '
}

mkdir kmod/busy
echo 'obj-m := busy.o' >kmod/busy/Kbuild
printf '%s\n' '#include <linux/debugfs.h>' '#include <linux/jiffies.h>' '#include <linux/module.h>' \
	'static struct dentry *file;' \
	'static noinline void busy_little(unsigned long end) { while (time_before(jiffies, end)) cpu_relax(); }' \
	'static noinline void busy_much(unsigned long end) { while (time_before(jiffies, end)) barrier(); }' \
	'static int busy(void *data, u64 *value)' \
	'{ busy_much(jiffies + 3 * HZ / 4); busy_little(jiffies + HZ / 4); barrier(); return 0; }' \
	'DEFINE_DEBUGFS_ATTRIBUTE(busy_fops, busy, NULL, "%llu\n");' \
	'static int __init busy_init(void)' \
	'{ file = debugfs_create_file("busy", 0400, NULL, NULL, &busy_fops); return 0; }' \
	'static void __exit busy_exit(void) { debugfs_remove(file); }' \
	'module_init(busy_init);' \
	'module_exit(busy_exit);' \
	'MODULE_DESCRIPTION("keeps a processor busy");' \
	'MODULE_LICENSE("GPL");' >kmod/busy/busy.c

ok 'a machine runs' vm start
ok 'a module is built and loaded' timeout 200 make O="$o" "$source" reload M=busy
perf 'cat /sys/kernel/debug/busy; exit 3'
ok "a busy module's function is the widest" is_true_to_life
is "the command's status is told" "$status $(<"$tmp/errors")" '3 0
make perf: status 3'
is '... and one line with the names of the files and the functions' \
	"$(sed -E 's/: [0-9]+ samples, most in [^,]* %, [^,]* %, [^,]* %$//' "$tmp/said")" "$o/perf/perf.svg"
ok 'that is a picture' python3 -c 'import sys, xml.dom.minidom as m
sys.exit(m.parse(sys.argv[1]).documentElement.tagName != "svg")' "$o/perf/perf.svg"
ok '... with the names of functions' grep -q '<text [^>]*>busy_much \[busy\]</text>' "$o/perf/perf.svg"
is '... and who called them' "$(sed -n 's/;busy_much \[busy\] .*//; s/^cat;.*;\(vfs_read;.*\)/\1/p' "$o/perf/perf.folded" |
	grep -o '^vfs_read;.*busy \[busy\]' | sort -u | sed 's/;.*;/;...;/')" 'vfs_read;...;busy [busy]'
ok 'what was recorded is kept' test -s "$o/perf/perf.data"

vm exec -- rmmod busy
vm put "$o/modules/busy/busy.ko" /root/busy.ko
perf 'insmod /root/busy.ko && cat /sys/kernel/debug/busy >/dev/null'
ok 'a module that came meanwhile has its names, too' is_true_to_life

vm stop
rm -r "$o/perf"
perf 'dd if=/dev/zero of=/dev/null bs=1M count=300'
ok 'without a machine it takes a fresh one' said said '^[^ ]*/perf.svg: [0-9]+ samples, most in '
is '... which is gone then' "$(vm status | sed -n 's/^state *//p')" ''

finish
