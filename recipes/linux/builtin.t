#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules go into the kernel by a copy of its source, which stays as it is.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

from=$tmp/from
to=$tmp/to
mkdir -p "$from/drivers" "$tmp/mine"
echo 'obj-y += base/' >"$from/drivers/Makefile"
chmod a-w "$from/drivers/Makefile"
echo 'obj-m := mine.o' >"$tmp/mine/Makefile"
echo 'int mine;' >"$tmp/mine/mine.c"

builtin() { recipes/linux/builtin "$from" "$to" "$@"; }
files() { (cd "$to" && find . -type f ! -name '.*' -newer "$tmp/now" | sort); }

touch -d 2001-02-03 "$tmp/now"
ok 'the tree is copied' recipes/linux/patch apply -l /dev/null "$from" "$to"
ok 'modules are put into the copy' builtin kmod/hello "$tmp/mine"
is 'one of kmod/, one of yours, and what they include' \
	"$(files | grep -v '/include/')" './drivers/Makefile
./drivers/kiln/Kbuild
./drivers/kiln/hello/Kbuild
./drivers/kiln/hello/hello.c
./drivers/kiln/mine/Kbuild
./drivers/kiln/mine/mine.c'
is 'the kernel goes there' "$(cat "$to/drivers/Makefile" "$to/drivers/kiln/Kbuild")" \
	$'obj-y += base/\nobj-y += kiln/\nobj-y += hello/\nobj-y += mine/'
# shellcheck disable=SC2016 # make's
printf 'include %s/drivers/kiln/mine/Kbuild\nshow:\n\t@echo $(obj-y),$(obj-m)\n' "$to" >"$tmp/show.mk"
is '... and links what would be a module' "$(make -s -f "$tmp/show.mk" show)" mine.o,
is 'the tree itself stays as it is' "$(cat "$from/drivers/Makefile"; ls "$from/drivers")" \
	$'obj-y += base/\nMakefile'

find "$to" -exec touch -h -d 2001-02-03 {} +
builtin kmod/hello "$tmp/mine"
is 'nothing is touched that is there' "$(files)" ''
echo 'int more;' >>"$tmp/mine/mine.c"
builtin kmod/hello "$tmp/mine"
is '... but what was edited' "$(files)" ./drivers/kiln/mine/mine.c
mkdir "$tmp/links"
ok 'where the tree is links, they lead to copies' recipes/linux/builtin -l "$tmp/copies" "$from" "$tmp/links" kmod/hello
is '... all of them' "$(find "$tmp/links" ! -type d ! -type l)-$(readlink "$tmp/links/drivers/Makefile")" -"$tmp/copies/drivers/Makefile"
ok '... as they are' diff -r "$tmp/copies/drivers/kiln/hello" "$tmp/links/drivers/kiln/hello"
builtin kmod/hello
is 'one that is not wanted any more goes' "$(ls "$to/drivers/kiln"; cat "$to/drivers/kiln/Kbuild")" \
	$'Kbuild\nhello\ninclude\nobj-y += hello/'
finish
