#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Our programs are compiled file by file: what changed, and who reads it.
#
# Needs: units
#
# shellcheck disable=SC2016 # what other shells expand

set -uo pipefail
export LC_ALL=C
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# built GOAL... - makes them, and says which files were compiled and what else is new
built()
{
	make -j4 V=1 "$@" >"$tmp/output" 2>&1
	echo $? >"$tmp/status"
	sed -nE 's,^\+ cc .* -c .* src/([a-z/-]*\.c)$,\1,p; s,^  (host|check) +([a-z.-]+)( .*)?$,\2,p' "$tmp/output" |
		sort | tr '\n' ' '
}

# users HEADER DIR - the files in DIR that read it, one way or another
users()
{
	local file

	for file in "$2"/*.c; do
		cc -D_GNU_SOURCE -Isrc -MM "$file" | grep -q " $1" && echo "${file#src/}"
	done | sort | tr '\n' ' '
}

make -s defconfig
mkdir out/check
cp -a "$LAB/check/obj" out/check/
programs=(out/host/step out/host/newer)
built "${programs[@]}" >"$tmp/ignored"
is 'what was compiled is not compiled again' "$(built "${programs[@]}")" ''
ok '... and make has nothing to do' make -q "${programs[@]}"

touch src/step/count.c
is 'a file is compiled alone' "$(built "${programs[@]}")" 'step step/count.c '
ok '... and -q has nothing to do then' make -q "${programs[@]}"

echo '/* a comment */' >>src/step/count.h
is 'a header compiles who reads it' "$(built "${programs[@]}")" "step $(users src/step/count.h src/step)"

printf '%s\n' '#include "step/more.h"' | tee -a src/step/count.c src/step/line.c >"$tmp/ignored"
echo 'extern int more;' >src/step/more.h
is 'a new header compiles who names it' "$(built "${programs[@]}")" 'step step/count.c step/line.c '
echo 'extern int still_more;' >>src/step/more.h
is '... and later, too' "$(built "${programs[@]}")" 'step step/count.c step/line.c '
sed -i '/more.h/d' src/step/count.c src/step/line.c
rm src/step/more.h
is 'a header that is gone stops nothing' "$(built "${programs[@]}")" 'step step/count.c step/line.c '

# The vm of this lab, and the units of its tests
files=(out/host/vm out/check/units.a out/check/test-step-count)
built "${files[@]}" >"$tmp/ignored"
printf '%s\n' '/* for this test */' 'int more_of_all;' >src/lib/more.c
is 'a new source is in all that may call it' "$(built "${files[@]}")" \
	'lib/more.c lib/more.c test-step-count units.a vm '
ok '... and in the archive' grep -qx more.o <(ar t out/check/units.a)
is '... like all others' "$(ar t out/check/units.a | sort)" \
	"$(basename -s .c src/lib/*.c src/step/*.c src/vm/*.c src/vm/*/*.c src/bpf/refusal.c src/results/*.c | grep -vx main | sed 's/$/.o/' | sort)"
rm src/lib/more.c
is 'one that is gone leaves them' "$(built "${files[@]}")" 'test-step-count units.a vm '
is '... and nothing is left of it' "$(ar t out/check/units.a | grep -cx more.o)-$(nm out/host/vm | grep -c more_of_all)" 0-0
is 'one that is renamed' "$(git mv -f src/lib/text.c src/lib/prose.c 2>"$tmp/ignored" || mv src/lib/text.c src/lib/prose.c
	built out/host/vm)" 'lib/prose.c vm '
mv src/lib/prose.c src/lib/text.c
built out/host/vm >"$tmp/ignored"

# Other flags, another compiler
all=$(cd src && printf '%s\n' newer step step/*.c newer/*.c lib/{argv,fd,file,str,why,xmalloc}.c |
	sort | tr '\n' ' ')
sed -i 's/-O2 -g/-O1 -g/' recipes/host/host.mk
is 'another flag compiles all' "$(built "${programs[@]}")" "$all"
is '... once' "$(built "${programs[@]}")" ''
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v cc)" >"$tmp/bin/cc"
chmod +x "$tmp/bin/cc"
is 'so does another compiler' "$(built "${programs[@]}")" "$all"

# Failures
echo 'int x = ;' >>src/step/count.c
echo 'int x = ;' >>src/step/line.c
make -k -j1 out/host/step >"$tmp/output" 2>&1
is 'what cannot be compiled fails' $? 2
is '... in the words of the compiler, with the command; -k tells of all' \
	"$(grep -cE '^src/step/(count|line).c:[0-9:]+ error: |^failed: cc .* -c src/step/(count|line).c$' "$tmp/output")" 4
sed -i '/int x = ;/d' src/step/count.c src/step/line.c
built out/host/step >"$tmp/ignored"
is 'until it is mended' "$(cat "$tmp/status")" 0

# A compiler that is killed when it has written half of an object
touch src/step/count.c
printf '#!/bin/sh\n%s "$@"\nfor last; do [ "$o" != -o ] || truncate -s 100 "$last"; o=$last; done\nkill -KILL $PPID\n' \
	"$(PATH=${PATH#*:} command -v cc)" >"$tmp/bin/cc"
built out/host/step >"$tmp/ignored"
is 'a killed compiler fails' "$(cat "$tmp/status")" 2
printf '#!/bin/sh\nexec %s "$@"\n' "$(PATH=${PATH#*:} command -v cc)" >"$tmp/bin/cc"
is '... and its file is compiled' "$(built out/host/step)" 'step step/count.c '

make -s -j4 "${programs[@]}" >"$tmp/output" 2>&1
touch src/step/count.c
make -s -j4 out/host/step >>"$tmp/output" 2>&1
is '-s says nothing' "$(cat "$tmp/output")" ''

finish
