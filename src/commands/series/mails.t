#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Patches from a mailbox or from quilt's folder are judged as commits are; they are of
# strangers, and what they bring can write and reach nothing; on a fake kernel and with a
# machine that only looks at it.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
bwrap --unshare-all --ro-bind / / true 2>/dev/null || skip_all 'bubblewrap does not work here'
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

warn='static int never_used(void) { return 1; }'
home=$tmp/home
cache=$tmp/cache
mkdir -p "$home" "$cache"
export HOME=$home CCACHE_DIR=$cache
# As root's folders in a PATH that su has left
mkdir -m 0 "$tmp/closed"
PATH=$PATH:$tmp/closed/bin

printf '%s\n' 'while (<STDIN>) { print "kernel/state.h:1: WARNING: it is good\n" if /^\+.*good/ }' >"$tree/scripts/checkpatch.pl"
commit base "$(state 'good 1')"
commit 'warning "<&\ é' "$(state 'good 2')" "$warn"
echo 'no part of the kernel' >"$tree/notes"
commit notes "$(state 'good 2')" "$warn"
commit oops "$(state 'splat 1')"
"${git[@]}" format-patch -q --stdout --cover-letter base..main >"$tmp/good.mbox"
mkdir "$tmp/quilt"
"${git[@]}" format-patch -q --no-prefix -o "$tmp/quilt" base..main~2
"${git[@]}" checkout -q base
state_of_tree >"$tmp/before"

# series WORD... - sets $status; what was said, without the hashes, is in $tmp/said
series()
{
	timeout 1500 make series BASE=base "$@" >"$tmp/output" 2>"$tmp/error"
	status=$?
	sed -E 's/ [0-9a-f]{12} / /' "$tmp/output" >"$tmp/said"
}

series SERIES="$tmp/good.mbox" CMD='it # all'
is 'each mail has its verdict' "$(cat "$tmp/said")" \
"base   passed    base
1/3    warns     warning \"<&\\ é
      kernel/state.h: warning: 'never_used' defined but not used [-Wunused-function]
2/3    passed    notes
3/3    splat     oops
      WARNING: in core
3 patches: 1 passed, 1 splat, 1 warns"
is '... and make fails' "$status" 2
is 'one whose bits are as before costs no machine' "$(grep -c . out/series/apart/seen)" 3
ok 'LINUX_DIR is as it was' diff "$tmp/before" <(state_of_tree)
auto=out/series/apart/machine/include/config/auto.conf
ok 'their machines reach nothing' grep -qx CONFIG_VM_NET_RESTRICT=y $auto
ok "... and QEMU's system calls are filtered" grep -q '^CONFIG_VM_QEMU_ARGS=-sandbox on,' $auto

# What the menu gives to machines, theirs do not get.
printf '%s\n' 'CONFIG_VM_SHARES="/etc,/mnt,rw"' 'CONFIG_VM_DISKS="scratch,size=1M,kept"' 'CONFIG_VM_NET_FORWARD="2222:22"' \
	'CONFIG_VM_QEMU_ARGS="-s"' 'CONFIG_VM_KMOD=y' >"$tmp/ways"
grep -vE 'CONFIG_VM_(SHARES|DISKS|NET_FORWARD|QEMU_ARGS|KMOD)[ =]' out/.config >"$tmp/rest"
cat "$tmp/rest" "$tmp/ways" >out/.config

mkdir "$tmp/broken"
printf '%s\n' '#!/bin/bash' '[[ $* != *series/build* ]] || { echo bwrap: no room; exit 1; }' \
	"exec $(command -v bwrap) \"\$@\"" >"$tmp/broken/bwrap"
chmod +x "$tmp/broken/bwrap"
PATH=$tmp/broken:$PATH series SERIES="$tmp/good.mbox" CMD='it # all' AGAIN=1
ok 'where they cannot be built apart, none is judged' \
	[ "$status:$(grep -c . "$tmp/output"):$(grep -c '^bwrap: no room' "$tmp/error")" = 2:0:1 ]

# The second one of these does not apply.
"${git[@]}" format-patch -q -o "$tmp/bad" base..main
sed -i '/^-static const char state/s/good 2/good 5/' "$tmp"/bad/0003*
cat "$tmp"/bad/{0001,0003,0002}* >"$tmp/bad.mbox"
series SERIES="$tmp/quilt" CMD='it # all'
ok 'a folder without a list is refused' grep -q "^series: .*quilt's file .series'" "$tmp/error"
printf '%s\n' '# ours' '' "$(cd "$tmp/quilt" && ls) -p0 # more" >"$tmp/quilt/series"
series SERIES="$tmp/quilt" CMD='it # all'
is "quilt's are judged, too" "$(sed '1d;$d' "$tmp/said")" \
"1/1    warns     warning \"<&\\ é
      kernel/state.h: warning: 'never_used' defined but not used [-Wunused-function]"
is "what the menu gives to machines is not for theirs" \
	"$(grep -cE '^CONFIG_VM_(SHARES|DISKS|NET_FORWARD|KMOD)=.|-s$' $auto)" 0
mv "$tmp/rest" out/.config

series SERIES="$tmp/bad.mbox" CMD='it # all' JSON=1
is 'what does not apply is told, with the place, and what comes behind it is not judged' \
	"$(jq -r '"\(.verdict): \(.why)"' "$tmp/output" | sed 1,2d)" \
'no apply: kernel/state.h:1: the hunk does not apply
skipped: not judged: patch 2 before it does not apply'

# A stranger's makefile, and what it would do
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 -c '
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
open(sys.argv[2] + ".ready", "w")
while True:
    connection, _ = s.accept()
    open(sys.argv[2], "a").write("x")
    connection.close()
' "$port" "$tmp/reached" &
server=$!
until [ -e "$tmp/reached.ready" ]; do kill -0 $server || break; done
places=("$lab/out/series/linux" "$lab" "$lab/src/engine" "$lab/out/host" "$lab/out/series/apart/machine" "$cache" "$home" "$tree")
cat >"$tree/scripts/payload" <<END
for place in ${places[*]} /proc/self/fd/*; do
	echo ran >"\$place/was-here"
done 2>/dev/null
cat $home/secret >secret 2>/dev/null
bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port && cat <&3' 2>/dev/null
ln -sfn $home ../../rootfs/theirs
echo ran >ran
END
echo 'a key' >"$home/secret"
was_here() { find "${places[@]/%//was-here}" "$tmp/reached" 2>/dev/null | grep -c .; }
(mkdir -p "$tmp/o/a/b" "$tmp/o/rootfs" && cd "$tmp/o/a/b" && sh "$tree/scripts/payload")
is 'outside a stranger could write everywhere' "$(was_here)" 9
rm -f "${places[@]/%//was-here}" "$tmp/reached"
"${git[@]}" checkout -q -b stranger base
# shellcheck disable=SC2016 # make's
echo '$(shell sh $(srctree)/scripts/payload)' >>"$tree/Kbuild"
echo "system('sh', '$lab/out/series/linux/scripts/payload');" >"$tree/scripts/checkpatch.pl"
commit theirs "$(state 'good 9')"
"${git[@]}" format-patch -q --stdout base..stranger >"$tmp/theirs.mbox"
"${git[@]}" checkout -q base
series SERIES="$tmp/theirs.mbox" CMD=theirs CHECKS='checkpatch W=1' 7<"$home"
is "patches are checked by BASE's tools" "$(sed '1d;$d' "$tmp/said")" \
"1/1    warns     theirs
      checkpatch: kernel/state.h:1: WARNING: it is good"
is "a stranger's makefile runs" "$(cat out/series/apart/room/lab/linux/build/ran)" \
	ran
is '... and can neither write nor reach anything' "$(was_here)" 0
is '... nor read what is at home' "$(cat out/series/apart/room/lab/linux/build/secret)" ''
is '... nor have a link followed' "$(find out/series/apart/machine -name theirs)" ''
kill $server

printf '%s\n' '#!/bin/sh' 'echo "bwrap: No permissions to create new namespace" >&2' 'exit 1' >"$tmp/bin/bwrap"
chmod +x "$tmp/bin/bwrap"
series SERIES="$tmp/theirs.mbox" CMD=theirs AGAIN=1
is 'where there can be no room nothing of theirs is built' "$status $(cat "$tmp/output")" '2 '
ok '... which is said' grep -q '^series: what comes in mails .* No permissions .* namespaces$' "$tmp/error"
rm "$tmp/bin/bwrap"

echo 'Subject: no patch' >"$tmp/empty.mbox"
for what in "SERIES=$tmp/nothing|there is no such file" "SERIES=$tmp/empty.mbox|has no patch" \
	"SERIES=$tmp/good.mbox HEAD=main|exclude each other"; do
	read -ra words <<<"${what%|*}"
	series "${words[@]}"
	ok "${what%|*}: it says what is wrong" grep -q "^series: .*${what#*|}" "$tmp/error"
done
finish
