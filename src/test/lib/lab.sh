# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# A lab that builds in a second, for tests of what is built again: a copy of this
# checkout in $lab, fake sources in $LINUX_DIR and $BUSYBOX_DIR, a gcc that leaves
# its version in all that it compiles.  Comes after tap.sh; ends in $lab.  Of kmod/ it has
# $kmod, for each of them costs a second whenever the kernel is another one.

# No make above this one, and no flags or lock of it.
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

: "${kmod:=hello}"
lab=$tmp/lab
out=$lab/out
gcc=$(command -v gcc)
ld=$(command -v ld)
PATH=$tmp/bin:$PATH
export CCACHE_DISABLE=1
export LINUX_DIR=$tmp/linux BUSYBOX_DIR=$tmp/busybox

# plant FAKE TREE
plant()
{
	src/test/fake/plant "$1" "$2" "$LAB/host/kconfig/conf" "$LINUX" recipes/{*,vm/devices/*,processor/x86_64}/*.config
}

# fake_gcc VERSION
fake_gcc()
{
	mkdir -p "$tmp/bin"
	cat >"$tmp/bin/gcc" <<-EOF
		#!/bin/sh
		case " \$* " in
		*' --version '*) echo 'gcc (fake) $1' ;;
		*' -c '*) echo 'const char fake_gcc[] __attribute__((weak)) = "$1";' |
			exec $gcc -include /dev/stdin "\$@" ;;
		*) exec $gcc "\$@" ;;
		esac
	EOF
	chmod +x "$tmp/bin/gcc"
}

# fake_ld VERSION
fake_ld()
{
	cat >"$tmp/bin/ld" <<-EOF
		#!/bin/sh
		[ "\$1" != --version ] || { echo 'ld (fake) $1'; exit; }
		exec $ld "\$@"
	EOF
	chmod +x "$tmp/bin/ld"
}

# What was built, one line with a sum for each file.
products()
{
	(
		cd "$out" || exit
		files=(run linux/vmlinux.stripped linux/build/{.config,vmlinux,System.map}
			linux/build/arch/x86/boot/bzImage linux/build/Module.symvers
			rootfs/initramfs.cpio busybox/build/busybox{,.links})
		{
			for file in "${files[@]}"; do
				[ ! -e "$file" ] || printf '%s\0' "$file"
			done
			find modules/root -type f -print0
		} | xargs -0 sha256sum | sort -k 2
	)
}

# Makes an output folder without anything built; the programs are there.
fresh()
{
	mkdir -p "$out"
	cp -a "$LAB/host" "$out/"
	# They need not be compiled again.
	touch "$out"/host/kconfig/*
}

copy_checkout "$lab"
for folder in "$lab"/kmod/*/; do
	[[ " include $kmod " == *" $(basename "$folder") "* ]] || rm -r "$folder"
done
plant linux "$LINUX_DIR"
plant busybox "$BUSYBOX_DIR"
fake_gcc 100.1
cd "$lab" || exit 1
fresh
