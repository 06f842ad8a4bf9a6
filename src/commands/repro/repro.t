#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Where a build leaves traces of its folder, make repro says in which files; on
# fake sources.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

git init -q
make -s defconfig

# The kernel's Makefile tells a source where it is compiled.
# shellcheck disable=SC2016 # make expands it
sed -i 's/^flags := /&-DWHERE=$(CURDIR) /' "$LINUX_DIR/Makefile"
cat >>"$LINUX_DIR/lib/greet.c" <<'END'
#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)
const char fake_where[] = TEXT_OF(WHERE);
END
cat >"$tmp/bin/diffoscope" <<'END'
#!/bin/sh
echo "looked into: $*"
exit 1
END
chmod +x "$tmp/bin/diffoscope"

timeout 600 make repro >"$tmp/output" 2>&1
is 'a path in the kernel is found' $? 2
other=$out/repro/another/output/further/down
ok 'the file is named, with its first difference' \
	grep -q "linux/build/vmlinux .*/vmlinux differ: .*\(byte\|char\) [0-9]" "$tmp/output"
is 'diffoscope looks into it' "$(grep -cx "looked into: out/linux/build/vmlinux $other/linux/build/vmlinux" "$tmp/output")" 1
ok 'what is the same has its sum shown' \
	grep -qx "$(sha256sum out/busybox/build/busybox)" "$tmp/output"
ok 'the other build stays to be looked at' grep -q "the bits differ; the other build is in $other" "$tmp/output"
ok 'and is there' test -e "$other/linux/build/vmlinux"

echo CONFIG_MODULE_SIG=y >signed.config
echo 'CONFIG_LINUX_FRAGMENTS="signed.config"' >>out/.config
timeout 600 make repro >"$tmp/output" 2>&1
is "a key of the lab's own is told before anything is built there" \
	"$?-$(grep -c '^repro: modules are signed with a key that each lab makes for itself' "$tmp/output")" 2-1

finish
