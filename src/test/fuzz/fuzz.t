#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random bytes, for FUZZ seconds (10), for all that reads what others send.  What
# has found new paths is kept in src/test/corpus/NAME.tar.xz; `FUZZ_KEEP=y` adds to it.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

seconds=${FUZZ:-10}

# keep NAME - what is new in $tmp/NAME/found joins the known
keep()
{
	"$tmp/$1/fuzz" -merge=1 "$tmp/$1/known" "$tmp/$1/found"
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=644 \
		-C "$tmp/$1/known" -cJf "src/test/corpus/$1.tar.xz" .
}

# fuzz NAME SOURCE... - with src/test/fuzz/fuzz-NAME.c
fuzz()
{
	local name=$1

	shift
	mkdir -p "$tmp/$name"/{known,found}
	tar -xJf "src/test/corpus/$name.tar.xz" -C "$tmp/$name/known"
	ok "$name: it can be built" clang -std=gnu11 -D_GNU_SOURCE -O1 -g -Isrc \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "$tmp/$name/fuzz" "src/test/fuzz/fuzz-$name.c" "$@" -ljansson
	ok "$name: nothing breaks it for $seconds s" "$tmp/$name/fuzz" -max_total_time="$seconds" \
		-max_len=4096 -artifact_prefix="$tmp/" -verbosity=0 "$tmp/$name/found" "$tmp/$name/known"
	[ -z "${FUZZ_KEEP-}" ] || keep "$name"
}

fuzz frame src/lib/frame.c
fuzz qmp src/vm/qemu/qmp.c src/lib/*.c
fuzz splat src/vm/watch/{splat,list,source,report,where}.c src/lib/*.c
fuzz config src/vm/args/*.c src/lib/*.c
finish
