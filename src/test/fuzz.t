#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random bytes, for FUZZ seconds (60), for all that reads what others send.  What
# has found new paths is kept in src/test/corpus; `FUZZ_KEEP=y` adds to it.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

seconds=${FUZZ:-60}

# fuzz NAME SOURCE... - with src/test/fuzz-NAME.c
fuzz()
{
	local name=$1

	shift
	ok "$name: it can be built" clang -std=gnu11 -D_GNU_SOURCE -O1 -g -Isrc/lib \
		-Isrc/vm -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "$tmp/$name" "src/test/fuzz-$name.c" "$@" -ljansson
	mkdir "$tmp/corpus-$name"
	ok "$name: nothing breaks it for $seconds s" "$tmp/$name" -max_total_time="$seconds" \
		-max_len=4096 -artifact_prefix="$tmp/" -verbosity=0 "$tmp/corpus-$name" "src/test/corpus/$name"
	[ -z "${FUZZ_KEEP-}" ] ||
		"$tmp/$name" -merge=1 "src/test/corpus/$name" "$tmp/corpus-$name"
}

fuzz frame src/lib/frame.c
fuzz qmp src/vm/qmp.c src/lib/{fd,loop,queue,str}.c
fuzz splat src/vm/splat*.c src/lib/{file,str,why}.c
fuzz config src/vm/args*.c src/vm/outside.c src/lib/{argv,config,file,str,why}.c
finish
