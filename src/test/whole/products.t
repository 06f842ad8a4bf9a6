#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is lost of this lab, the real one in $LAB, is made again by the steps that
# it takes, and comes out as it was; rebuild.t has many more changes, on fake
# sources.
#
# Needs: lab alone

# shellcheck disable=SC2317 # the table calls them
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS
# As make check was called: another name of a folder is another text of a step.
lab=()
[ "$LAB" = "$PWD/out" ] || lab+=(O="$LAB")
if [ ! -e "$LINUX/.fetched" ]; then
	lab+=(LINUX_DIR="$LINUX")
elif [ "${LINUX%/*}" != "$LAB/dl" ]; then
	lab+=(DL="${LINUX%/*}")
fi
auto_conf=$LAB/include/config/auto.conf

if [ "$(grep -cxE 'CONFIG_(MODULES|ROOTFS_INITRAMFS|BUSYBOX_SOURCE)=y' "$auto_conf")" != 3 ] ||
	! make -q "${lab[@]}" all 2>"$tmp/ignored"; then
	skip_all 'this is another lab than the default one, or make has to build something'
fi
release=$(<"$LAB/linux/build/include/config/kernel.release")

# What happened | how | the steps that run; STEP+ is STEP and all after it.
changes()
{
	cat <<-'EOF'
	.config was touched           | touch .config |
	the root has another name     | hostname other | rootfs:list rootfs:pack+
	and its own again             | hostname_again | rootfs:list rootfs:pack+
	no out/run                    | rm run | vm:script
	no initramfs                  | rm rootfs/initramfs.cpio | rootfs:pack+
	half an initramfs             | halve rootfs/initramfs.cpio | rootfs:pack+
	no hello.ko                   | rm modules/hello/hello.ko | modules:hello modules:install+
	half a hello.ko               | halve modules/hello/hello.ko | modules:hello modules:install+
	half a module in the root     | halve modules/root/lib/modules/$release/updates/hello.ko | modules:install+
	no busybox                    | rm busybox/build/busybox | busybox:build rootfs+
	no vmlinux.stripped           | rm linux/vmlinux.stripped | linux:build+
	half a vmlinux                | halve linux/build/vmlinux | linux:build+
	EOF
}

halve()
{
	truncate -s "$(($(stat -c %s "$1") / 2))" "$1"
}

cp -p "$LAB/.config" "$tmp/config"
trap 'cmp -s "$tmp/config" "$LAB/.config" || cp -p "$tmp/config" "$LAB/.config"; rm -rf "$tmp"' EXIT

hostname()
{
	sed -i "s/^CONFIG_ROOTFS_HOSTNAME=.*/CONFIG_ROOTFS_HOSTNAME=\"$1\"/" .config
}

hostname_again()
{
	cp "$tmp/config" .config
}

# after STEP... - STEP+ and what follows
after()
{
	local step

	for step; do
		case $step in
		linux:build+) after linux:build "${modules[@]}" modules:install+ ;;
		modules:install+) after modules:install rootfs+ ;;
		rootfs+) after rootfs:list rootfs:pack+ ;;
		rootfs:pack+) after rootfs:pack vm:script ;;
		*) echo "$step" ;;
		esac
	done
}

# The steps that make said it ran.
ran()
{
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output" | sort
}

build()
{
	timeout 300 make -j"$(nproc)" "${lab[@]}" >"$tmp/output" 2>&1
}

products()
{
	(
		cd "$LAB" || exit
		find run linux/vmlinux.stripped linux/build/vmlinux busybox/build/busybox \
			rootfs/initramfs.cpio modules/root -type f -exec sha256sum {} + | sort -k 2
	)
}

mapfile -t modules < <(cd "$LAB/modules" && printf 'modules:%s\n' */Kbuild | sed 's,/Kbuild$,,')
products >"$tmp/before"

while IFS='|' read -r name how steps; do
	name=${name%"${name##*[! ]}"}
	read -r steps <<<"$steps"
	read -ra words <<<"${how//\$release/$release}"

	(cd "$LAB" && "${words[@]}")
	build || sed 's/^/# /' "$tmp/output"
	# shellcheck disable=SC2086 # a list
	is "$name: what is needed" "$(ran)" "$(after $steps | sort)"
	build
	ok "$name: then nothing" grep -q 'Nothing to be done' "$tmp/output"
	products >"$tmp/after"
	case ${words[0]} in
	hostname) ok "$name: another root" test "$(join -j 2 "$tmp/before" "$tmp/after" | awk '$2 != $3 { print $1 }')" = rootfs/initramfs.cpio ;;
	*) ok "$name: as it was" diff "$tmp/before" "$tmp/after" ;;
	esac
done < <(changes)

finish
