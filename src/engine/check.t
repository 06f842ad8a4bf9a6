#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make check builds what the tests need that it runs, and runs them side by side but
# for those that want to be alone; on fake sources.

# shellcheck disable=SC2016 # the tests expand
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# toy NAME NEEDS TEXT - a test in src/engine
toy()
{
	printf '%s\n' '#!/bin/bash' "# Needs: $2" 'echo 1..1' "$3" 'echo ok 1' >"src/engine/$1.t"
	chmod +x "src/engine/$1.t"
}

# check TEST...
check()
{
	make -s check T="$(printf 'src/engine/%s.t ' "$@")" >"$tmp/output" 2>&1
}

toy free nothing '[ -x "$LAB/host/vm" ] && [ -r "$LINUX/Makefile" ] || exit 1'
toy built lab '[ -x "$LAB/run" ] || exit 1'
# One that waits for the other ends when both run.
toy left nothing ": >$tmp/left; until [ -e $tmp/right ]; do sleep 0.05; done"
toy right nothing ": >$tmp/right; until [ -e $tmp/left ]; do sleep 0.05; done"
toy last alone "[ -e $tmp/left ] && mv $tmp/left $tmp/gone"

make -s defconfig
ok 'a test that needs no kernel is run' check free
is '... and none is built for it' "$(ls -d out/linux/build out/run 2>/dev/null)" ''
ok 'a test that needs the lab has it' check built
if [ "$(nproc)" = 1 ]; then
	result 0 'tests run side by side # SKIP one processor'
else
	ok 'tests run side by side, and one that is alone after them' check last left right
fi

ok 'the labs beside it go where it is, by the same downloads' \
	grep -q "O=$out DL=$tmp/dl rust-itself" <(make -n O="$out" DL="$tmp/dl" check-labs 2>&1)

toy bad nothing 'echo "# what was seen"; exit 1'
check free bad
is 'one that fails is a failure' $? 2
ok '... and says what it saw' grep -q '^# what was seen' "$tmp/output"
is '... of that one alone' "$(grep -c '^  *Failed\|Dubious' "$tmp/output")" 1
is '... whatever a user likes' "$(HARNESS_VERBOSE=1 PERL5OPT=-Mnone check free; echo $?)" 0
finish
