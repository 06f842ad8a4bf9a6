#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Of a symbol that a module lacks it is said where the kernel's source has it, and which
# options bring it; a module's own linux.config asks for them.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# A source whose makefiles are as the kernel's
src=$tmp/source
mkdir -p "$src"/{drivers/net/wire,lib,fs}
echo 'EXPORT_SYMBOL(plain);' >"$src/lib/plain.c"
echo '  EXPORT_SYMBOL_GPL(part_of);' >"$src/drivers/net/wire/part.c"
echo 'EXPORT_SYMBOL_NS_GPL(either, "SPACE");' >"$src/fs/either.c"
echo 'EXPORT_SYMBOL(there);' >"$src/fs/there.c"
# shellcheck disable=SC1003,SC2016 # make's
printf '%s\n' 'lib-y += other.o \' '	another.o' 'obj-$(CONFIG_PLAIN) += plain.o' >"$src/lib/Makefile"
# shellcheck disable=SC1003,SC2016
printf '%s\n' 'obj-$(CONFIG_WIRE) += wire.o' 'wire-y := main.o \' '	side.o' 'wire-$(CONFIG_WIRE_PART) += part.o' \
	>"$src/drivers/net/wire/Makefile"
# shellcheck disable=SC2016
echo 'obj-$(CONFIG_WIRES)	+= wire/' >"$src/drivers/net/Makefile"
# shellcheck disable=SC2016
printf '%s\n' 'obj-y += char/' 'obj-$(CONFIG_NET_PHY) += net/' 'obj-$(CONFIG_WIRES) += net/' >"$src/drivers/Makefile"
# shellcheck disable=SC2016
printf '%s\n' 'obj-y := there.o' 'obj-$(CONFIG_FIRST) += either.o' 'obj-$(CONFIG_SECOND) += either.o' >"$src/fs/Kbuild"

# Their menu
mkdir -p "$src/arch"
printf 'config %s\n\tbool "%s"\n\n' PLAIN plain WIRE_PART part WIRE wire WIRES wires SECOND second ONLY only ONE one TWO two >"$src/Kconfig"
printf '%s\n' 'config FIRST' '	tristate "first"' 'config ONLY' '	bool "only"' '	select ALONE' 'config ALONE' '	tristate' \
	'config ONE' '	select SEVERAL' 'config TWO' '	select SEVERAL if X' 'config SEVERAL' '	bool' >>"$src/Kconfig"
# shellcheck disable=SC2016
printf '%s\n' 'obj-$(CONFIG_ALONE) += alone.o' 'obj-$(CONFIG_SEVERAL) += several.o' >>"$src/fs/Kbuild"
echo 'EXPORT_SYMBOL(alone);' >"$src/fs/alone.c"
echo 'EXPORT_SYMBOL(several);' >"$src/fs/several.c"

# missing SYMBOL... - what is said of them, by modpost's words
missing()
{
	printf 'ERROR: modpost: "%s" [/a/b.ko] undefined!\n' "$@" |
		recipes/modules/missing symbols "$src" "$tmp/config" mine/linux.config
}

echo CONFIG_SECOND=y >"$tmp/config"
is 'an option of its own' "$(missing plain | sed q)" 'modules: plain is in lib/plain.c: CONFIG_PLAIN=y'
is 'one of several parts, and the folders above; one of two will do' "$(missing part_of | sed q)" \
	'modules: part_of is in drivers/net/wire/part.c: CONFIG_WIRE_PART=y CONFIG_WIRE=y CONFIG_WIRES=y'
is '... and here it is on' "$(missing either)" 'modules: either is in fs/either.c, whose options are on'
is 'none is needed' "$(missing there)" 'modules: there is in fs/there.c, whose options are on'
is 'what cannot be set comes by what selects it' "$(missing alone | sed q)" 'modules: alone is in fs/alone.c: CONFIG_ONLY=y'
is '... or all are told that do' "$(missing several | sed q)" 'modules: CONFIG_SEVERAL cannot be set; what selects it: CONFIG_ONE CONFIG_TWO'
is 'a symbol that nobody has' "$(missing nonesuch)" "modules: nonesuch: no file of $src exports it"
is 'the lines to write, once' "$(missing plain part_of | sed '1,/linux.config/d' | xargs)" \
	'CONFIG_PLAIN=y CONFIG_WIRE=y CONFIG_WIRES=y CONFIG_WIRE_PART=y'
is 'a build that failed for another reason is not spoken of' \
	"$(echo 'x.c:1:1: error: no' | recipes/modules/missing symbols "$src" "$tmp/config" mine/linux.config)" ''

# What the menu refuses of the lines that modules ask for
needs()
{
	printf '%s\n' "$@" | recipes/modules/missing needs out/x.config a/linux.config
}
is 'what a line needs is told' "$(needs 'a/linux.config:3: CONFIG_A needs CONFIG_B, which is off because it needs CONFIG_C, which is off, and CONFIG_D, which is off because it takes CONFIG_E' | tail -n +2 | xargs)" \
	'CONFIG_B=y CONFIG_C=y'
is '... one of two' "$(needs 'a/linux.config:3: CONFIG_A needs CONFIG_B or CONFIG_C' | tail -n +2)" CONFIG_B=y
is '... but not for other lines' "$(needs 'b.config:3: CONFIG_A needs CONFIG_B, which is off')" ''

# A module that fails, on a fake kernel
make -s defconfig
make >"$tmp/output" 2>&1
mkdir -p "$LINUX_DIR/lib"
echo 'EXPORT_SYMBOL(fake_far);' >>"$LINUX_DIR/lib/loud.c"
# shellcheck disable=SC2016
echo 'obj-$(CONFIG_FAKE_LOUD) += loud.o' >"$LINUX_DIR/lib/Makefile"
# shellcheck disable=SC2016
printf '%s\n' 'ifneq ($(CONFIG_FAKE_LOUD),y)' \
	'$(info ERROR: modpost: "fake_far" [hello.ko] undefined!)$(error no)' endif >>kmod/hello/Kbuild
make modules M=hello >"$tmp/output" 2>&1
is 'a build tells them at its end' "$?-$(grep -cE '^modules: fake_far is in lib/loud.c: CONFIG_FAKE_LOUD=y|^CONFIG_FAKE_LOUD=y' "$tmp/output")" 2-2
make modules M=hello FIX=y >"$tmp/output" 2>&1
is '... and with FIX=y asks for them and builds again' \
	"$?-$(<kmod/hello/linux.config)-$(grep -cx CONFIG_FAKE_LOUD=y out/linux/build/.config)" 0-CONFIG_FAKE_LOUD=y-1
make >"$tmp/output" 2>&1
make modules M=hello FIX=y >"$tmp/output" 2>&1
is '... once' "$?-$(grep -c 'Nothing to be done' "$tmp/output")-$(<kmod/hello/linux.config)" 0-1-CONFIG_FAKE_LOUD=y
echo CONFIG_FAKE_NONE=y >kmod/hello/linux.config
make >"$tmp/output" 2>&1
is '... or it is said why not' "$?-$(grep -c '^kmod/hello/linux.config:1: CONFIG_FAKE_NONE is unknown' "$tmp/output")" 2-1

# Another file for them, which the menu remembers
rm kmod/hello/linux.config
make modules M=hello FIX=y MODULES_FIX='a b' >"$tmp/output" 2>&1
is 'a file that cannot be is said' "$?-$(grep -c 'MODULES_FIX=a b: make cannot handle' "$tmp/output")" 2-1
make modules M=hello FIX=y MODULES_FIX=nowhere/x >"$tmp/output" 2>&1
is '... as is one in no folder' "$?-$(grep -c 'MODULES_FIX=nowhere/x: its folder does not exist' "$tmp/output")" 2-1
make modules M=hello FIX=y MODULES_FIX="$tmp/needs" >"$tmp/output" 2>&1
is 'MODULES_FIX names another file' "$?-$(<"$tmp/needs")-$(ls kmod/hello/linux.config 2>/dev/null)" 0-CONFIG_FAKE_LOUD=y-
ok '... which becomes a fragment, and that is said' grep -q "modules: $tmp/needs is one of LINUX_FRAGMENTS in .*out/.config now" "$tmp/output"
is '... for this make and later ones' \
	"$(grep -cx "CONFIG_LINUX_FRAGMENTS=\"$tmp/needs\"" out/.config)-$(make modules >"$tmp/output" 2>&1; echo $?)" 1-0
rm "$tmp/needs"
sed -i '/LINUX_.*FRAGMENTS/d' out/.config
sed -i '/^ifneq/,$d' kmod/hello/Kbuild
make >"$tmp/output" 2>&1
is '... and gone, it is not asked for' "$?-$(grep -cx CONFIG_FAKE_LOUD=y out/linux/build/.config)" 0-0

finish
