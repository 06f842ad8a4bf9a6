#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The copy of a QEMU tree of the user's consists of links, and has what changed there,
# whatever its date is.
#
# shellcheck disable=SC2016 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

from=$tmp/from
to=$tmp/dir/src
mkdir -p "$from"/{hw,util} "$tmp/dir"
echo int one\; >"$from/hw/one.c"
echo int two\; >"$from/util/two.c"
echo int three\; >"$from/util/three.c"
seq 9 >"$from/patched"
mkdir "$tmp/series"
echo patch >"$tmp/series/series"
printf -- '--- a/patched\n+++ b/patched\n@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n' >"$tmp/series/patch"
chmod a-w "$from/hw/one.c" "$from/patched"

patch() { recipes/linux/patch apply -l "$tmp/series" "$from" "$to" >"$tmp/said" 2>&1; }
# changed PATH... - as src/engine/changed would list it; and the copy takes it
changed()
{
	local path

	date +%s.%N >"$tmp/dir/changed"
	for path; do
		echo "$(date +%s.%N) $from/$path"
	done >>"$tmp/dir/changed"
	recipes/qemu/follow take "$tmp/dir" "$from" "$to"
}

ok 'a copy is made' patch
is '... of links, but for what is patched' "$(find "$to" -type f ! -name '.*' -printf '%P\n')" patched
is '... which is' "$(sed -n 5p "$to/patched")" five
is '... and is not, in the tree' "$(sed -n 5p "$from/patched")" 5
date +%s.%N >"$tmp/dir/changed"
recipes/qemu/follow note "$tmp/dir"

find "$to" -exec touch -h -d 2001-02-03 {} +
touch -d 2001-02-03 "$tmp/now"
echo int won\; >"$from/util/two.c"
touch -d 1999-01-01 "$from/util/two.c"
changed util/two.c
is 'an edited file is there' "$(cat "$to/util/two.c")" 'int won;'
ok '... and new, though its date is old' test "$to/util/two.c" -nt "$tmp/now"
ok '... and others are not' test ! "$to/patched" -nt "$tmp/now"

rm "$from/util/three.c"
echo int four\; >"$from/util/four.c"
mkdir "$from/util/more"
echo int five\; >"$from/util/more/five.c"
changed util
is 'what is gone is gone, and what is new is there' "$(cd "$to" && find util ! -type d | sort)" \
	$'util/four.c\nutil/more/five.c\nutil/two.c'
touch "$tmp/dir/old"
changed
is 'nothing changed: nothing is taken' "$(find "$to" -newer "$tmp/dir/old")" ''
finish
