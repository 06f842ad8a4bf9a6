#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What no lab uses is shown, and removed when the user asks for it; nothing else is.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

dl=$tmp/dl
unset KILN_TEMPORARY

# source NAME DOWNLOAD... - as fetch leaves it
source_of()
{
	mkdir -p "$dl/$1" "$dl/archives"
	echo "$1 1.0" >"$dl/$1/.fetched"
	{
		echo "# $1 1.0"
		for file in "${@:2}"; do
			echo "$file" >"$dl/archives/$file"
			printf '%064d  %s\n' 0 "$file"
		done
	} >"$dl/archives/source-$1.sha256"
}

lab()
{
	make DL="$dl" "$@" >"$tmp/output" 2>&1
}

there()
{
	(cd "$dl" && printf '%s\n' */ archives/*.deb | sort | paste -sd ' ')
}

source_of linux-source-6.12 a.deb
source_of linux-old b.deb both.deb
source_of linux-of-other both.deb
mkdir -p "$dl"/{mine,ccache,toolchain-old}
touch "$dl/toolchain-old/.made"
all=$(there)

# Before this lab has noted anything
src/commands/room/room gc "$out" "$dl" >"$tmp/output"
is 'without a note nothing is removed' "$(there)-$(<"$tmp/output")" "$all-room: all of it is used"

# Another lab, which is away
src/commands/room/note write /nowhere/lab "$dl" linux-of-other
src/commands/room/room gc "$out" "$dl" >"$tmp/output"
is '... nor when only another lab has one' "$(there)" "${all/ linux-of/ labs/ linux-of}"
all=$(there)

make -s defconfig
mkdir -p out/debian out/modules/gone out/check
touch out/debian/root.tar
lab room
is 'make room shows what is not used' "$?-$(sed -n 's, *[0-9]* MiB  \([^ ]*\) *not used: make gc removes it,\1,p' "$tmp/output" | sort | xargs)" \
	"0-$(printf '%s\n' "$dl"/{linux-old,toolchain-old} "$out"/{debian,modules/gone} | sort | xargs)"
ok '... and a lab that is away' grep -q '^the lab /nowhere/lab is not there, and keeps what it noted' "$tmp/output"
is '... and removes nothing' "$(there; ls out/debian)" "$all"$'\nroot.tar'

flock "$dl/archives/.linux-old.lock" true
exec 7>>"$dl/archives/.linux-old.lock"
flock 7
lab gc
is 'what another make uses stays' "$?-$(grep -c 'another make uses .*/linux-old: it stays' "$tmp/output")-$(ls -d "$dl/linux-old")" \
	"0-1-$dl/linux-old"
exec 7>&-
is '... and the rest is said and gone' \
	"$(grep -c ' removed$' "$tmp/output")-$(ls -d "$dl/toolchain-old" out/{debian,modules/gone} 2>/dev/null)" 4-
ok '... but not what tests have made' test -d out/check
lab gc
is 'a source goes with its downloads, but for those of another one' "$(there)" \
	'archives/ archives/a.deb archives/both.deb ccache/ labs/ linux-of-other/ linux-source-6.12/ mine/'
lab gc
is 'then all is used' "$?-$(<"$tmp/output")" '0-room: all of it is used'

# A tree of the user's: what the lab uses without it stays noted
src/commands/room/note write "$out" "$dl" linux-source-6.12 linux-git-x
lab room
is 'with a tree of the user nothing is forgotten' "$(grep -hx linux-git-x "$dl"/labs/* | sort -u)" linux-git-x
rm "$dl"/labs/*
rm out/.noted
KILN_TEMPORARY=y lab room
is 'a lab that goes away with who made it notes nothing' "$?-$(ls "$dl/labs")" 0-
src/commands/room/note write /nowhere/lab "$dl" linux-of-other
lab room
lab distclean
is 'distclean takes the note away' "$(cat "$dl"/labs/*)" $'/nowhere/lab\nlinux-of-other'

finish
