#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the environment has for make and Kbuild changes no build, and what belongs to the
# person or the machine arrives.  The kernel's own make, a fake one, tells what it sees.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

theirs=(ARCH SUBARCH CROSS_COMPILE LLVM LLVM_IAS KBUILD_OUTPUT KBUILD_BUILD_USER KBUILD_EXTRA_SYMBOLS
	KCFLAGS KAFLAGS KRUSTFLAGS CFLAGS_MODULE CFLAGS LDFLAGS HOSTCFLAGS HOSTCC CC W C CHECK
	LOCALVERSION INSTALL_MOD_PATH INSTALL_MOD_STRIP KCONFIG_CONFIG KCONFIG_ALLCONFIG
	CONFIG_LINUX_RUST O DL V M T A CMD FILE ARGS FRAGMENTS TIMEOUT GDB)
ours=(TMPDIR http_proxy no_proxy EDITOR SSH_AUTH_SOCK XDG_CACHE_HOME LANG SOURCE_DATE_EPOCH)

# All of them, each with a folder as its value, for TMPDIR must be one.
outside()
{
	(
		mkdir -p "$tmp/outside"
		for name in "${theirs[@]}" "${ours[@]}"; do
			export "$name=$tmp/outside"
		done
		"$@"
	)
}

printf '%s\n' "\$(shell env >>'$tmp/seen')" >>"$LINUX_DIR/Makefile"
printf '%s\n' "\$(shell env >>'$tmp/seen')" >>"$BUSYBOX_DIR/Makefile"

outside make configure >"$tmp/output" 2>"$tmp/errors"
is 'an environment for another build is none here' $? 0
is '... of which the first three are told, once' "$(cat "$tmp/errors")" \
"kiln: ARCH=$tmp/outside is left out: the menu has the processor (LINUX_ARCH)
kiln: CROSS_COMPILE=$tmp/outside is left out: the menu has the compiler (LINUX_GNU_VERSION)
kiln: LLVM=$tmp/outside is left out: the menu has the compiler (LINUX_LLVM)"
is '... and only what is of the person or the machine reaches the makes' \
	"$(grep "=$tmp/outside\$" "$tmp/seen" | cut -d = -f 1 | sort -u)" "$(printf '%s\n' "${ours[@]}" | sort)"
outside make -n >"$tmp/output" 2>"$tmp/errors"
is 'it is told under -n, too, once' "$?-$(grep -c ARCH= "$tmp/errors")" 0-1

make ARCH=arm64 CROSS_COMPILE=none- configure >"$tmp/output" 2>&1
is 'so it is on the command line' "$?-$(grep -c 'is left out' "$tmp/output")" 0-2
make configure >"$tmp/output" 2>&1
is '... and nothing is configured anew' "$?-$(grep -c configure "$tmp/output")" '0-1'
outside make help >"$tmp/output" 2>"$tmp/errors"
is 'goals that build nothing say nothing' "$?-$(cat "$tmp/errors")" 0-

finish
