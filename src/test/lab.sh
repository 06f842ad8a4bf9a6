# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# A lab that builds in a second, for tests of what is built again: a copy of this
# checkout in $lab, fake sources in $LINUX_DIR and $BUSYBOX_DIR, a gcc whose
# version is in $tmp/bin/version and in all that it compiles.  Comes after tap.sh;
# ends in $lab.

# No make above this one, and no flags or lock of it.
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

lab=$tmp/lab
out=$lab/out
export LINUX_DIR=$tmp/linux BUSYBOX_DIR=$tmp/busybox

# plant FAKE TREE
plant()
{
	src/test/plant "$1" "$2" "$LAB/host/kconfig/conf" recipes/*/*.config
}

copy_checkout()
{
	local file

	git ls-files --cached --others --exclude-standard | while read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	done | tar -cf - -T - | (mkdir -p "$lab" && tar -xf - -C "$lab")
}

fake_gcc()
{
	mkdir -p "$tmp/bin"
	echo 'gcc (fake) 1.0' >"$tmp/bin/version"
	cat >"$tmp/bin/gcc" <<-EOF
		#!/bin/sh
		version=\$(cat "$tmp/bin/version")
		case " \$* " in
		*' --version '*) echo "\$version" ;;
		*' -c '*) echo "const char fake_gcc[] __attribute__((weak)) = \"\$version\";" |
			exec $(command -v gcc) -include /dev/stdin "\$@" ;;
		*) exec $(command -v gcc) "\$@" ;;
		esac
	EOF
	chmod +x "$tmp/bin/gcc"
	PATH=$tmp/bin:$PATH
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
}

copy_checkout
plant fakelinux "$LINUX_DIR"
plant fakebusybox "$BUSYBOX_DIR"
fake_gcc
cd "$lab" || exit 1
fresh
