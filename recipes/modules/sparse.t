#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Neither sparse nor the compiler's further warnings (W=1) find anything in kmod/.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for option in TOOLCHAIN_HOST LINUX_GNU; do
	grep -qx "CONFIG_$option=y" "$LAB/.config" || skip_all "its compiler is not this machine's gcc"
done
unset MAKEFLAGS MAKELEVEL MFLAGS
cp -r kmod "$tmp/"

# sparse NAME - what it says of that module
sparse()
{
	make -s -C "$LAB/linux/build" M="$tmp/kmod/$1" W=1 C=2 modules 2>&1
}

# Whoever finds nothing has perhaps not looked.
printf '\nint kiln_reads(char __user *from);\nint kiln_reads(char __user *from)\n{\n\treturn *from;\n}\n' \
	>>"$tmp/kmod/hello/hello.c"
ok 'a wrong access is found' grep -q 'hello.c:.*noderef' <(sparse hello)
cp kmod/hello/hello.c "$tmp/kmod/hello/"

for file in kmod/*/*.c; do
	name=$(basename "${file%/*}")
	[ "$file" != "kmod/$name/$name.c" ] || is "$name is clean" "$(sparse "$name")" ''
done
finish
