#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A series of patches is applied as quilt applies it, to a copy, and what does
# not apply is named.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

patch=$PWD/recipes/linux/patch
cd "$tmp" || exit 1

# change FILE SED NAME - makes patches/NAME, which does SED to FILE
change()
{
	rm -rf a b
	cp -r from a
	cp -r from b
	chmod -R u+w b
	mkdir -p "b/${1%/*}"
	touch "b/$1"
	sed -i "$2" "b/$1"
	[ -s "b/$1" ] || rm -f "b/$1"
	diff -Nru a b >"patches/$3"
	rm -rf a b
}

apply()
{
	"$patch" apply patches from to 2>&1
}

mkdir -p from/kernel patches
seq 1 30 >from/kernel/core.c
seq 31 60 >from/kernel/sched.c
echo all: >from/Makefile
echo 'linux 1' >from/.fetched
chmod a-w from/kernel/*.c from/Makefile

change kernel/core.c s/^3$/three/ one.patch
change kernel/core.c s/^20$/twenty/ two.patch
change kernel/sched.c s/^40$/forty/ strip.patch
sed -i 's,^\(---\|+++\) [ab]/,\1 ,' patches/strip.patch
change kernel/sched.c 1,30d gone.patch
printf -- '--- /dev/null\n+++ b/lib/new.c\n@@ -0,0 +1 @@\n+new\n' >patches/new.patch
printf '# a series\none.patch # first\n\ntwo.patch\nstrip.patch -p0\nnew.patch\n' >patches/series

ok 'a series applies' apply
is 'in its order' "$(sed -n '3p;20p' to/kernel/core.c; sed -n 10p to/kernel/sched.c; cat to/lib/new.c)" \
	$'three\ntwenty\nforty\nnew'
is 'to a copy' "$(sed -n 3p from/kernel/core.c)" 3
ok 'a file without patch keeps its date' test "$(stat -c %Y from/Makefile)" = "$(stat -c %Y to/Makefile)"

# Dates tell the kernel's makefiles what to compile.
find to -type f -exec touch -d 2001-02-03 {} +
printf 'one.patch\n' >patches/series
ok 'a shorter series applies' apply
is 'what was patched is as it was' "$(sed -n '3p;20p' to/kernel/core.c; sed -n 10p to/kernel/sched.c)" \
	$'three\n20\n40'
ok 'what was added is gone' test ! -e to/lib/new.c
is 'and no other file is touched' "$(find to -name '[a-zM]*' -type f -newermt 2002-01-01 | sort)" \
	$'to/kernel/core.c\nto/kernel/sched.c'

printf 'gone.patch\n' >patches/series
ok 'a patch may delete' apply
ok 'a file' test ! -e to/kernel/sched.c
printf 'strip.patch -p0\n' >patches/series
ok 'and it comes back' apply
printf 'one.patch -R\n' >patches/series
is 'one that must be taken back, but was not there, is named' "$(apply | grep -c '^patch: patches/one.patch does not apply')" 1

# What fails
printf 'one.patch\nbad.patch\n' >patches/series
change kernel/core.c s/^20$/twenty/ bad.patch
sed -i 's/^ 19$/ nineteen/; s/^ 18$/ eighteen/; s/^ 17$/ seventeen/' patches/bad.patch
is 'a hunk that fails is named' "$(apply | grep '^patches/')" \
	'patches/bad.patch: Hunk #1 FAILED at 17 in kernel/core.c'
is 'and the patch' "$(apply | tail -n 1)" 'patch: patches/bad.patch does not apply to from after the patches before it'
sed 's,kernel/core,kernel/none,' patches/two.patch >patches/bad.patch
is 'a file that is not there is said' "$(apply | grep '^patches/')" \
	'patches/bad.patch: it patches a file that is not there'
printf 'one.patch\nnone.patch\n' >patches/series
is 'a patch that is not there' "$(apply | tail -n 1)" \
	'patch: patches/series names patches/none.patch, which is not there'
echo hello >patches/bad.patch
printf 'bad.patch\n' >patches/series
is 'a file that is no patch' "$(apply | head -n 1)" \
	'patch: **** Only garbage was found in the patch input.'
echo mine >outside
printf -- '--- ../outside\n+++ ../outside\n@@ -1 +1 @@\n-mine\n+yours\n' >patches/bad.patch
printf 'bad.patch -p0\n' >patches/series
apply >log
is 'a patch of what is outside fails' "$(apply | tail -n 1)" \
	'patch: patches/bad.patch does not apply to from after the patches before it'
is 'and it is as it was' "$(cat outside)" mine
printf 'one.patch\r\ntwo.patch' >patches/series
ok 'once mended, all is well, even with ends of lines of DOS and none at the last' apply
is 'with each patch once' "$(sed -n '3p;20p' to/kernel/core.c)" $'three\ntwenty'

echo 'linux 2' >from/.fetched
chmod u+w from/Makefile
echo 'new:' >>from/Makefile
ok 'another source' apply
is 'is copied again' "$(tail -n 1 to/Makefile)" new:

before=$("$patch" list patches)
ok 'the list is the same when nothing changed' test "$before" = "$("$patch" list patches/series)"
echo >>patches/one.patch
ok 'and another when a patch did' test "$before" != "$("$patch" list patches)"
is 'no series is said' "$("$patch" list nowhere 2>&1)" 'patch: there is no series of patches nowhere'

finish
