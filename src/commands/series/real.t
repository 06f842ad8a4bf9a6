#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two commits of a real kernel: one has a splat, the next one mends it.
#
# Needs: lab roots

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK "${!KILN_@}"
o=$tmp/o
tree=$tmp/linux
file=fs/proc/loadavg.c
git=(git "--git-dir=$tree/.git" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false
	-c core.looseCompression=0 -c gc.auto=0)

# The commits' tree is never written to a folder here: series has one.
mkdir -p "$o" "$tree"
git -C "$tree" init -q
(cd "$LINUX" && "${git[@]}" --work-tree=. add -Af .)
"${git[@]}" commit -qm base
"${git[@]}" tag base

# commit SUBJECT SED - edits the file in the last commit
commit()
{
	local sum

	sum=$("${git[@]}" show "HEAD:$file" | sed "$2" | "${git[@]}" hash-object -w --stdin)
	"${git[@]}" update-index --cacheinfo "100644,$sum,$file"
	"${git[@]}" commit -qm "$1"
}
commit 'loadavg: splats' '/^static int loadavg_proc_show/,/^{/s/^{/{\n\tWARN_ON(m);\n/'
commit 'loadavg: does not' '/WARN_ON(m);/d'

cp -a "$LAB/host" "$o/"
# Compiled from nothing, for its source has another path: without what takes long
echo '# CONFIG_VM_NET is not set' >"$tmp/lean"
make -s O="$o" DL="$DL" defconfig FRAGMENTS="$tmp/lean" >"$tmp/ignored"
series()
{
	timeout 3000 make O="$o" DL="$DL" LINUX_DIR="$tree" series BASE=base CMD='cat /proc/loadavg' >"$tmp/said" 2>"$tmp/error"
	echo "$? $(sed -E 's/^(base|[0-9/]+) +[0-9a-f]+ +/\1 /; s/ +/ /g' "$tmp/said" | paste -sd '|')"
}
wanted='2 base passed base|1/2 splat loadavg: splats| WARNING: CPU: N PID: N at fs/proc/loadavg.c:N loadavg_proc_show|2/2 passed loadavg: does not|2 commits: 1 passed, 1 splat'
is 'each commit has its verdict' "$(series | sed 's/loadavg.c:[0-9]*/loadavg.c:N/')" "$wanted"
sed 's/^/# /' "$tmp/error" | tail -n 20
find "$o/vm" "$o/series/lab/vm/runs" -name result.json 2>/dev/null | wc -l >"$tmp/before"
is '... and keeps it, without a machine' "$(series | sed 's/loadavg.c:[0-9]*/loadavg.c:N/')" "$wanted"
is '... or a build' "$(find "$o/vm" "$o/series/lab/vm/runs" -name result.json 2>/dev/null | wc -l)" "$(<"$tmp/before")"

finish
