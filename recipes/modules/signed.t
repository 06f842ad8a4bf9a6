#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels whose modules are compressed or signed: what the kernel's own make does, on a fake
# one, is done to all modules of the lab, and every root can load them.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# with OPTION... - makes the lab with these options of the kernel
with()
{
	printf 'CONFIG_%s\n' "$@" >kernel.config
	make >"$tmp/output" 2>&1 || cat "$tmp/output"
}

# signed FILE - its signatures, each with the key that made it
signed()
{
	grep -a -A 1 -E '^( [0-9a-f]{2}){8}$|^mine$|~Module' "$1" | tr -d '\0'
}

# by KEY - what is signed once by KEY says so
by()
{
	cat "$1"
	echo '~Module signature appended~'
}

make -s defconfig
echo 'CONFIG_LINUX_FRAGMENTS="kernel.config"' >>out/.config
root=out/modules/root/lib/modules/6.12.1
key=out/linux/build/certs/signing_key.pem

with MODULE_COMPRESS_XZ=y
is 'no module is compressed' "$(cd $root && find . -name '*.ko*' | sort | xargs)" \
	"$(printf '%s ' ./kernel/drivers/fake_driver.ko ./updates/hello.ko | sed 's/ $//')"
is '... and depmod knows all' "$(grep -c '\.ko:' $root/modules.dep)" "$(find $root -name '*.ko' | wc -l)"

with MODULE_SIG=y
is 'where the kernel signs nothing, nothing is signed' "$(signed $root/updates/hello.ko)" ''

with MODULE_SIG=y MODULE_SIG_ALL=y
is 'else those of the lab are signed, too' "$(signed $root/updates/hello.ko)" "$(by $key)"
is '... as all are that reload and test take' "$(signed out/modules/hello/hello.ko)" "$(by $key)"
is 'nobody else can read the key' "$(stat -c %a $key)" 600
cp $key "$tmp/key"
echo '/* an edit */' >>kmod/hello/hello.c
make modules M=hello >"$tmp/output" 2>&1
is 'an edited one is signed' "$(grep -ac 'an edit' out/modules/hello/hello.ko)-$(signed out/modules/hello/hello.ko)" \
	"1-$(by $key)"
touch kmod/hello/Kbuild
make modules M=hello >"$tmp/output" 2>&1
is 'one that is not built again is signed once' "$(signed out/modules/hello/hello.ko)" "$(by $key)"
with MODULE_SIG=y MODULE_SIG_ALL=y FAKE_LOUD=y
ok 'another configuration has the same key' cmp $key "$tmp/key"

make -s linux-clean
make >"$tmp/output" 2>&1
is 'a kernel from nothing has another one' "$(cmp -s $key "$tmp/key"; echo $?)" 1
is '... and all is signed with that, once' "$(signed out/modules/hello/hello.ko)$(signed $root/updates/hello.ko)" \
	"$(by $key)$(by $key)"

echo mine >"$tmp/mine"
with MODULE_SIG=y MODULE_SIG_ALL=y "MODULE_SIG_KEY=\"$tmp/mine\""
is 'a key of yours is taken' "$(signed out/modules/hello/hello.ko)$(signed $root/updates/hello.ko)" \
	"$(by "$tmp/mine")$(by "$tmp/mine")"
make -s linux-clean
make >"$tmp/output" 2>&1
is '... and stays' "$(signed $root/updates/hello.ko)-$(cat "$tmp/mine")" "$(by "$tmp/mine")-mine"

rm "$tmp/mine"
echo '/* another */' >>kmod/hello/hello.c
make modules M=hello >"$tmp/output" 2>&1
is 'when it is gone, that is said' \
	"$?-$(grep -c "^modules: hello.ko cannot be signed with the kernel's key, CONFIG_MODULE_SIG_KEY=$tmp/mine: see" "$tmp/output")" 2-1

finish
