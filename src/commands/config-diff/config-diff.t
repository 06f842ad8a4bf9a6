#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a user asks of the kernel and of busybox is not lost in silence, and two
# labs can be compared; on fake sources.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

diff_of()
{
	make config-diff "$@" >"$tmp/output" 2>&1
}

make -s defconfig
printf 'CONFIG_FAKE_GREETING="new"\n# CONFIG_VIRTIO_NET is not set\nCONFIG_FAKE_LOUD=y' >out/linux.config
ok 'the last fragment has the say' make -s configure
is 'in the kernel' "$(grep -cx -e CONFIG_FAKE_LOUD=y -e 'CONFIG_FAKE_GREETING="new"' out/linux/build/.config)" 2
ok 'nothing is built' test ! -e out/linux/vmlinux.stripped
printf '\n' >>out/linux.config
echo CONFIG_FAKE_NONE=y >>out/linux.config
is 'an unknown symbol is named' "$(make configure 2>&1 | grep '^out/linux')" \
	'out/linux.config:4: CONFIG_FAKE_NONE is unknown'
rm out/linux.config
printf 'CONFIG_FAKE_EDITOR=n\nCONFIG_FAKE_NONE=y\n' >out/busybox.config
is 'in busybox, too' "$(make configure 2>&1 | grep '^out/busybox')" \
	'out/busybox.config:2: CONFIG_FAKE_NONE is unknown'
sed -i '$d' out/busybox.config
ok 'and the last fragment has the say' make -s configure
ok 'as it says' grep -qx '# CONFIG_FAKE_EDITOR is not set' out/busybox/build/.config
sed -i 's/.*CONFIG_FAKE_EDITOR.*/CONFIG_FAKE_EDITOR=y/' out/busybox/build/.config
is 'what somebody writes into .config is not lost' \
	"$(make configure 2>&1 | grep -c 'CONFIG_FAKE_EDITOR=y does not come from the menu')" 1
ok 'but kept when asked for' make -s busybox-savedefconfig
is 'in the fragment' "$(cat out/busybox.config)" CONFIG_FAKE_EDITOR=y
echo CONFIG_FAKE_EDITOR=n >out/busybox.config

# The lab and the defaults
sed -i '/LINUX_SMP/d' out/.config
echo '# CONFIG_LINUX_SMP is not set' >>out/.config
diff_of
is 'a lab and the defaults differ in' "$(tr -s ' ' <"$tmp/output")" \
'kiln
 CONFIG_LINUX_SMP y -> n
linux
 CONFIG_SMP y -> n
busybox
 CONFIG_FAKE_EDITOR y -> n'
ok 'the lab itself is left alone' make -s configure

echo CONFIG_VM_MEMORY=300 >part
diff_of A=part B=default
is 'a file and a name' "$(tr -s ' ' <"$tmp/output")" \
'kiln
 CONFIG_VM_MEMORY 300 -> 256
linux
busybox'
diff_of A=out B=out
is 'a lab and itself do not differ' "$(cat "$tmp/output")" $'kiln\nlinux\nbusybox'
diff_of A=nowhere
is 'what is nowhere is named' "$?-$(grep -c 'nowhere: no output folder' "$tmp/output")" 2-1
echo CONFIG_NONE=y >part
diff_of A=part
is 'what cannot be is refused' "$?-$(grep -c 'part:1: CONFIG_NONE is unknown' "$tmp/output")" 2-1

finish
