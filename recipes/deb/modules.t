#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What make modules-deb packs of this lab: modules for its kernel, and sources that the real
# dkms builds for it, and that are loaded then.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

command -v dpkg-deb >/dev/null || skip_all 'this machine has no dpkg-deb'
compgen -G "$LAB/modules/root/lib/modules/*/updates/*.ko" >/dev/null || skip_all 'this lab has no modules'

release=$(<"$LAB/linux/build/include/config/kernel.release")
mapfile -t folders < <(find "$LAB/modules" -mindepth 2 -maxdepth 2 -name modules.order -printf '%h\n' | sort)
ok 'modules are packed' recipes/deb/modules "$LAB/include/config/auto.conf" "$LAB/modules/root" "$tmp/debs" \
	"${folders[@]}" -- make -C "$LINUX" O="$(realpath "$LAB/linux/build")"
read -r name version _ <"$tmp/debs/manifest"
is '... for the kernel of this lab' "$name" "kiln-modules-$release"
mkdir "$tmp/binary" "$tmp/source" "$tmp/tree"
dpkg-deb -x "$tmp/debs/$name"_*.deb "$tmp/binary"
ok '... all that are installed' diff -r "$LAB/modules/root/lib/modules/$release/updates" "$tmp/binary/lib/modules/$release/updates"

if ! command -v dkms >/dev/null; then
	result 0 'dkms builds the others # SKIP there is no dkms here'
	finish
fi
dpkg-deb -x "$tmp/debs"/kiln-modules-dkms_*.deb "$tmp/source"
ok 'dkms builds the sources' timeout 600 dkms build -m kiln-modules -v "$version" -k "$release" \
	--dkmstree "$tmp/tree" --sourcetree "$tmp/source/usr/src" --kernelsourcedir "$(realpath "$LAB/linux/build")"
built=$tmp/tree/kiln-modules/$version/$release/x86_64/module
is '... of all but those in Rust' "$(cd "$built" && echo *.ko)" \
	"$(cd "$tmp/binary/lib/modules/$release/updates" && find . -name '*.ko' ! -name 'rust_*' -printf '%f\n' | LC_ALL=C sort | paste -sd ' ')"
view_lab "$tmp/o"
# shellcheck disable=SC2016 # the guest's
is '... which the kernel loads' "$(timeout 100 "$LAB/host/vm" -O "$tmp/o" run -- \
	sh -c 'cat >/tmp/hello.ko; insmod /tmp/hello.ko who=dkms; dmesg | grep -o "Hello, dkms!"' <"$built/hello.ko" 2>"$tmp/errors")" 'Hello, dkms!'

finish
