#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Folders with a dkms.conf are built by the real dkms for this lab's kernel, and loaded.  What
# a hostile dkms.conf tries fails, and nothing is run where bubblewrap does not work.
#
# Needs: lab

# shellcheck disable=SC2016,SC2317 # dkms's and the guest's; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/modules/kbuild" ] || skip_all 'this lab has no modules'
why=$(recipes/modules/dkms check)
[ -z "$why" ] || skip_all "$why"

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR EXTERNAL
source=$(source_word)
o=$tmp/o
good=$tmp/yours/lamp-1.0
bad=$tmp/yours/bad
copy_checkout "$tmp/checkout"
show_lab "$o"
cd "$tmp/checkout" || exit 1
export HOME=$tmp/home
mkdir -p "$good" "$bad" "$HOME/.ssh" "$o/vm/last"
echo secret >"$HOME/.ssh/id"
echo 'as it was' | tee "$o/step" >"$o/run"

run()
{
	# shellcheck disable=SC2086 # words
	timeout 300 make O="$o" $source "$@" >"$tmp/output" 2>&1
}

# choose FOLDER...
choose()
{
	sed -i '/MODULES_.*DKMS/d' "$o/.config"
	echo "CONFIG_MODULES_DKMS=\"$*\"" >>"$o/.config"
}

# plant FOLDER NAME - a module, and what dkms asks for
plant()
{
	printf '%s\n' '#include <linux/module.h>' \
		"static int __init lamp_init(void) { pr_info(\"$2: shines\\n\"); return 0; }" \
		'static void __exit lamp_exit(void) { }' 'module_init(lamp_init);' 'module_exit(lamp_exit);' \
		'MODULE_DESCRIPTION("A lamp");' 'MODULE_LICENSE("GPL");' >"$1/$2.c"
	echo "obj-m := $2.o" >"$1/Makefile"
	printf '%s\n' "PACKAGE_NAME=\"$2\"" 'PACKAGE_VERSION="1.0"' "BUILT_MODULE_NAME[0]=\"$2\"" \
		'DEST_MODULE_LOCATION[0]="/updates"' \
		'MAKE[0]="make -C $kernel_source_dir M=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build modules"' \
		'CLEAN="true"' AUTOINSTALL=yes >"$1/dkms.conf"
}

plant "$good" lamp
find "$good" -printf '%P %T@ %C@\n' | sort >"$tmp/before"
choose "$good"
run module M=lamp-1.0
is 'a folder with dkms.conf is built by dkms' "$?-$(cd "$o/modules/lamp-1.0" && echo *)" 0-lamp.ko
is '... nothing is written there' "$(find "$good" -printf '%P %T@ %C@\n' | sort | diff "$tmp/before" -)" ''
ok '... and nothing else is left' test ! -e "$o/modules/lamp-1.0.room"
view_lab "$tmp/view"
is '... the kernel loads it' "$(timeout 100 "$LAB/host/vm" -O "$tmp/view" run -- \
	sh -c 'cat >/tmp/lamp.ko; insmod /tmp/lamp.ko; dmesg | grep -o "lamp: shines"' <"$o/modules/lamp-1.0/lamp.ko" 2>"$tmp/errors")" 'lamp: shines'
run module M=lamp-1.0
is '... once' "$?-$(<"$tmp/output")" 0-
echo '#error no lamp' >>"$good/lamp.c"
run module M=lamp-1.0
is 'an error is shown' "$?-$(grep -c 'error: #error no lamp' "$o/modules/lamp-1.0.log")" 2-1
sed -i '$d' "$good/lamp.c"

# A package: it was fetched, which recipes/fetch/fetch.t tries
mkdir -p "$tmp/dl/lamp-dkms"
cp -r "$good" "$tmp/dl/lamp-dkms/lamp-dkms"
echo 'lamp-dkms 1.0' >"$tmp/dl/lamp-dkms/.fetched"
choose lamp-dkms
source="LINUX_DIR=$LINUX DL=$tmp/dl" run module M=lamp-dkms
is 'a package is built, by its name' "$?-$(cd "$o/modules/lamp-dkms" && echo *)" 0-lamp.ko
mv "$tmp/dl/lamp-dkms" "$tmp/dl/lamp-dkms-forky"
echo 'CONFIG_MODULES_DKMS_SUITE="forky"' >>"$o/.config"
source="LINUX_DIR=$LINUX DL=$tmp/dl" run module M=lamp-dkms -n
is '... and taken of the suite that is asked for' "$?-$(grep -c "dkms build $tmp/dl/lamp-dkms-forky/lamp-dkms " "$tmp/output")" 0-1
sed -i 's/forky/a b/' "$o/.config"
source="LINUX_DIR=$LINUX DL=$tmp/dl" run module M=lamp-dkms -n
ok '... whose name is looked at' grep -q 'CONFIG_MODULES_DKMS_SUITE: the name of a suite has' "$tmp/output"
sed -i '/DKMS_SUITE/d' "$o/.config"

# What they ask of the kernel, which recipes/linux/compose takes as one more fragment

# asks LINE... - what is made of them at the end of a dkms.conf
asks()
{
	rm -rf "$tmp/asking"
	mkdir "$tmp/asking"
	printf '%s\n' "$@" >"$tmp/asking/dkms.conf"
	recipes/modules/dkms asks "$LINUX" "$tmp/asked" "$tmp/asking" 2>&1 && grep -v '/dkms.conf$' "$tmp/asked" | paste -sd ' '
}
is 'what must be on, and what must not if there is such' \
	"$(asks 'BUILD_EXCLUSIVE_CONFIG="CONFIG_NET !CONFIG_VIDEO_DEV !CONFIG_NONESUCH_AT_ALL $(touch /x) CONFIG_A;"')" \
	'CONFIG_NET=y # CONFIG_VIDEO_DEV is not set'
is '... one after the other, in the place of a pattern' \
	"$(asks '. $kernel_source_dir/.config' 'for o in CONFIG_NET CONFIG_PCI; do [ "${!o}" ] || BUILD_EXCLUSIVE_KERNEL="REQUIRES $o"; done')" \
	'CONFIG_PCI=y CONFIG_NET=y'
is 'a kernel that it is not for is told' "$(asks 'BUILD_EXCLUSIVE_KERNEL="^2\\.6"' | grep -o 'asking is for kernels ^2\\.6, says its dkms.conf, and this one is [5-9]\.[0-9]*')" \
	"asking is for kernels ^2\\.6, says its dkms.conf, and this one is $(make -s -C "$LINUX" kernelversion | cut -d . -f 1-2)"
is '... as is a version' "$(asks BUILD_EXCLUSIVE_KERNEL_MIN=2.6 BUILD_EXCLUSIVE_KERNEL_MAX=3.1 | grep -o 'is for kernels up to 3.1, says')" \
	'is for kernels up to 3.1, says'
is '... and a processor' "$(asks 'BUILD_EXCLUSIVE_ARCH="vax|pdp"' | grep -o 'is for processors vax|pdp, says')" 'is for processors vax|pdp, says'
mkdir "$tmp/composed"
echo CONFIG_PCI=m >"$tmp/base"
printf 'CONFIG_%s=y\n' NET PCI >"$tmp/composed/dkms.config"
recipes/linux/compose "$LAB/include/config/auto.conf" "$(src/engine/config-value "$LAB/include/config/auto.conf" LINUX_LOCALVERSION)" \
	"$LINUX" "$tmp/composed" "$tmp/base" -- "$tmp/composed/dkms.config"
is 'what is a module stays one' "$(grep -v MODULE "$tmp/composed/wanted" | paste -sd ' ')" 'CONFIG_PCI=m CONFIG_NET=y CONFIG_PCI=m'

# What a hostile one tries, whenever it is read and when it builds: to write, to read, to reach
# the network, to hand out another file by a link, and to live on.
plant "$bad" bad
writable=("$o"/{run,step,host/step} "$LAB/run" "$HOME/bad" "$DL/bad" "$bad/bad" /usr/bin/kiln-bad /etc/kiln-bad)
cat >>"$bad/dkms.conf" <<END
{
	for file in ${writable[*]} /folder/bad /proc/sys/kernel/core_pattern; do
		echo bad >>\$file
	done
	cat $HOME/.ssh/id
	ls -A ~ | sed 's/^/HOME /'
	tail -n +3 /proc/net/dev | grep -v lo: | sed 's/^/NETWORK /'
	echo RAN
} >&2
POST_BUILD="post"
END
printf '%s\n' '#!/bin/bash' 'mkdir -p /build/tree/evil/module' "ln -s $HOME/.ssh/id /build/tree/evil/module/secret.ko" \
	'mkfifo /build/tree/evil/module/pipe.ko' "ln -s $HOME/.ssh /build/tree/home" \
	'setsid sleep 98765 >/dev/null 2>&1 </dev/null &' 'echo POST >&2' >"$bad/post"
chmod +x "$bad/post"
choose "$bad"
mapfile -t kept < <(printf '%s\n' "$o"/{run,step,host/step} "$LAB/run" "$HOME/.ssh/id" /proc/sys/kernel/core_pattern)
sha256sum "${kept[@]}" >"$tmp/sums"
run module M=bad
is 'a hostile one is built, too' "$?-$(cd "$o/modules/bad" && echo *)" 0-bad.ko
is '... it did run' "$(grep -oxE 'RAN|POST' "$o/modules/bad.log" | sort -u | paste -sd ' ')" 'POST RAN'
is '... but read nothing, and there was no network' "$(grep -E '^(HOME|NETWORK|secret)' "$o/modules/bad.log")" ''
ok '... all is as it was' sha256sum --quiet -c "$tmp/sums"
is '... and there is nothing new' "$(find "${writable[@]}" -name '*bad' 2>/dev/null)" ''
is '... and nothing lives on' "$(pgrep -fx 'sleep 98765' | wc -l)" 0

# Where it does not work
mkdir "$tmp/bin"
printf '%s\n' '#!/bin/sh' 'echo "bwrap: No permissions to create new namespace" >&2' 'exit 1' >"$tmp/bin/bwrap"
chmod +x "$tmp/bin/bwrap"
echo '#' >>"$bad/dkms.conf"
rm -r "$o/modules/bad"
PATH=$tmp/bin:$PATH run module M=bad
is 'without bubblewrap none is run, which is said' \
	"$?-$(grep -c 'MODULES_DKMS=.*script of strangers.*No permissions to create new namespace' "$tmp/output")-$(ls -d "$o/modules/bad" 2>/dev/null)" 2-1-
rm "$bad/dkms.conf"
run module M=bad
ok 'a folder without dkms.conf is named' grep -q "CONFIG_MODULES_DKMS: $bad has no dkms.conf" "$tmp/output"

finish
