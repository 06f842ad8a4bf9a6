#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where no make can work in an output folder, one sentence tells why, whatever the goal.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

# says GOAL O - what make says, without its own words; and its status
says()
{
	make O="$2" "$1" >"$tmp/output" 2>&1
	echo "$?-$(sed -E '/^make.*Error/d; s/^src.*\*\*\* (.*)\.  Stop\.$/\1/' "$tmp/output")"
}

for goal in defconfig menuconfig linux clean; do
	ln -sfn nowhere "$tmp/link"
	is "$goal: a link that leads nowhere" "$(says $goal "$tmp/link")" \
		"2-O=$tmp/link leads to nowhere, which is not there: make that folder, or remove the link"
	touch "$tmp/file"
	is "$goal: a file" "$(says $goal "$tmp/file")" \
		"2-O=$tmp/file is no folder: move it elsewhere, or name another O="
	is "$goal: a folder that cannot be made" "$(says $goal "$tmp/file/o")" \
		"2-O=$tmp/file/o cannot be made (Not a directory): name another O="
done

# A user who may give files to nobody else has a machine of his own for it, as does root.
unshare=(unshare --user --map-root-user --mount)
if "${unshare[@]}" true 2>/dev/null; then
	mkdir "$tmp/noexec"
	# shellcheck disable=SC2016 # the shell's
	is 'a file system where no program starts' "$("${unshare[@]}" bash -c '
		mount -t tmpfs -o noexec none "$1/noexec" && src/engine/unusable "$1/noexec"' - "$tmp")" \
		"O=$tmp/noexec is where no program can be started (a file system mounted with noexec): name another O="
fi
mkdir -p "$tmp/good/linux"
touch "$tmp/good/.lock" "$tmp/good/linux/.build"
is 'a good one is not spoken of' "$(src/engine/unusable "$tmp/good")" ''
is '... and nothing is left there' \
	"$(cd "$tmp/good" && find . -mindepth 1 | LC_ALL=C sort | paste -sd ' ')" './.lock ./linux ./linux/.build'

# As root the test becomes somebody else, as a user it cannot make files of root's.
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$tmp"
	chmod 666 "$tmp/good/.lock"
	chown 54321 "$tmp/good" "$tmp/good/linux" "$tmp/good/.lock"
	other=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	is 'what root made there is told, and how to have it back' "$("${other[@]}" src/engine/unusable "$tmp/good")" \
		"O=$tmp/good: $tmp/good/linux/.build belongs to root, who ran make here: give all of it to yourself,\
 chown -R 54321 $tmp/good as root, or name another O="
	is '... by any goal' "$("${other[@]}" src/engine/lock "$tmp/good" echo works 2>&1 | cut -c 1-30)" \
		"$(echo "O=$tmp/good: $tmp/good/linux/.build" | cut -c 1-30)"
	chown 54321 "$tmp/good/linux/.build"
	is '... then all is well' "$("${other[@]}" src/engine/lock "$tmp/good" echo works 2>&1)" works
fi

finish
