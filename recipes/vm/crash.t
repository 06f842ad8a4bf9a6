#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each illness that kmod/crash knows ends a run with the right status and title.
# What this kernel cannot show, for an option is off, the module must refuse.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/modules/crash/crash.ko" ] || skip_all 'this lab has no modules'

lab=$tmp/lab
view_lab "$lab"
refused=()

# has OPTION...
has()
{
	local option

	for option; do
		grep -qx "CONFIG_$option=y" "$LAB/linux/build/.config" || return
	done
}

# run COMMAND - in the guest; the status is in $status
run()
{
	timeout 300 "$lab/run" -- sh -c "$1" >"$tmp/said" 2>&1
	status=$?
}

titles()
{
	sed -n 's/^ *"title": "\(.*\)",\?$/\1/p' "$lab/vm/last/result.json"
}

# any PATTERN - is there such a title?
any()
{
	local title

	while read -r title; do
		# shellcheck disable=SC2053 # a pattern is wanted
		[[ $title == $1 ]] && return
	done < <(titles)
	titles
	cat "$tmp/said"
	return 1
}

# falls_ill HOW STATUS TITLE [OPTION [BEFORE [PARAMETER]]]
falls_ill()
{
	if [ -n "${4-}" ] && ! has "$4"; then
		refused+=("$1")
		return
	fi
	run "${5:+$5; }modprobe crash how=$1 ${6-}"
	is "$1: the status" "$status" "$2"
	ok "$1: the title" any "$3"
}

# After these the waiting for the detectors is short.
sysctl=/proc/sys/kernel
soon_soft="echo 1 >$sysctl/watchdog_thresh"
soon_hung="echo 2 >$sysctl/hung_task_timeout_secs"
soon_rcu='echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout'
# A kernel that proves its use of RCU waits five more.
rcu_seconds=5
! has PROVE_RCU || rcu_seconds=11

# What a processor says of an access to nowhere, and of a stack that is full.  On riscv64 BUG()
# counts as an interrupt, which a kernel does not survive.
bug_status=139
case $(sed -n 's/^CONFIG_LINUX_ARCH="\(.*\)"$/\1/p' "$LAB/.config") in
arm64)
	null_status=139
	null='Unable to handle kernel NULL pointer dereference at virtual address N in crash_null ?crash?'
	stack='Insufficient stack space to handle exception!'
	;;
riscv64)
	bug_status=255
	null_status=139
	null='Unable to handle kernel access to user memory without uaccess routines at virtual address N in crash_null ?crash?'
	stack='Insufficient stack space to handle exception!'
	;;
*)
	null_status=137
	null='BUG: kernel NULL pointer dereference, address: N in crash_null ?crash?'
	stack='BUG: *stack guard page was hit at N (stack is N..N)'
	;;
esac

falls_ill warn 254 'WARNING: *crash_warn*'
# Only /dev/kmsg shows it, more than its window holds came before.
flood="echo on >$sysctl/printk_devkmsg; dmesg -n 1; line=\$(printf '%0900d' 0); \
	for i in \$(seq 400); do echo \$line >/dev/kmsg; done"
falls_ill warn 254 'WARNING: *crash_warn*' '' "$flood"
ok '... by /dev/kmsg alone, after a flood' grep -q '"console": false' "$lab/vm/last/result.json"
falls_ill refcount 254 'refcount_t: underflow; use-after-free in crash_refcount ?crash?'
falls_ill bug $bug_status 'kernel BUG at crash.c:*! in crash_bug ?crash?'
if has KASAN; then
	falls_ill null 139 '*KASAN: null-ptr-deref in *'
else
	falls_ill null $null_status "$null"
fi
falls_ill panic 255 'Kernel panic - not syncing: crash: as asked for'
# Since 7.2 nobody can hold up RCU on a single processor.
release=$(cat "$LAB/linux/build/include/config/kernel.release")
if ! has PREEMPT_RCU && grep -qx CONFIG_VM_CPUS=1 "$LAB/.config" &&
	[ "$(printf '%s\n' 7.2 "$release" | sort -V | sed q)" = 7.2 ]; then
	run 'modprobe crash how=rcu || dmesg'
	ok 'rcu: on a single processor the module says that nothing comes' \
		grep -q 'how=rcu: .* waits for nobody on a single processor' "$tmp/said"
else
	falls_ill rcu 254 'rcu: INFO: rcu_*detected stall*' RCU_STALL_COMMON "$soon_rcu" "seconds=$rcu_seconds"
fi
falls_ill oob 254 'BUG: KASAN: slab-out-of-bounds in crash_oob*' KASAN
falls_ill uaf 254 'BUG: KASAN: *use-after-free in crash_uaf*' KASAN
falls_ill ubsan 254 'UBSAN: shift-out-of-bounds in *crash.c:*' UBSAN_SHIFT
falls_ill list 254 'list_add corruption. next->prev should be prev (N), but was N*' DEBUG_LIST
falls_ill page 139 'page dumped because: VM_BUG_ON_PAGE(*' DEBUG_VM
falls_ill leak 254 'kmemleak: N new suspected memory leaks*' DEBUG_KMEMLEAK '' "; $(<src/commands/test/leaks)"
falls_ill softlockup 254 'watchdog: BUG: soft lockup - CPU#N stuck for Ns! ?modprobe:N?' \
	SOFTLOCKUP_DETECTOR "$soon_soft" seconds=4
falls_ill hung 254 'INFO: task modprobe:N blocked for more than N seconds.' \
	DETECT_HUNG_TASK "$soon_hung" seconds=6
falls_ill atomic 254 'BUG: sleeping function called from invalid context at crash.c:*' DEBUG_ATOMIC_SLEEP
falls_ill lockdep 254 'WARNING: possible circular locking dependency detected in crash_lockdep ?crash?' \
	PROVE_LOCKING
falls_ill stack 255 "$stack" VMAP_STACK

run "for how in ${refused[*]} nonsense; do modprobe crash how=\$how && echo loaded; done; dmesg; true"
for how in "${refused[@]}"; do
	ok "$how: this kernel cannot show it, and the module says so" \
		grep -q "crash: how=$how: this kernel was built without CONFIG_" "$tmp/said"
done
ok 'how=nonsense: the module says what there is' grep -q 'how=nonsense: it is one of warn,' "$tmp/said"
is 'then nothing was loaded' "$(grep -cx loaded "$tmp/said")" 0
is 'and nothing was wrong' "$status: $(titles)" '0: '

finish
