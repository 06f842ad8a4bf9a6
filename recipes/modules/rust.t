#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules in Rust are loaded, say what they should, and leave the kernel.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/rust.sh
. src/test/lib/rust.sh

ok 'a lab with Rust is built' test -e "$lab/run"
[ -e "$lab/run" ] || finish

modules=(rust_hello)
[ ! -e "$lab/modules/rust_misc/rust_misc.ko" ] || modules+=(rust_misc)
[ ! -e "$lab/modules/rust-template" ] || modules+=(firefly)
for sample in "$lab"/linux/build/samples/rust/*.ko; do
	[ ! -e "$sample" ] || modules+=("$(basename "$sample" .ko)")
done

# shellcheck disable=SC2016 # the guest's
timeout 120 "$lab/run" -- sh -c '
	echo "== enforced"
	cat /sys/module/module/parameters/sig_enforce
	for module; do
		echo "== $module"
		dmesg -c >/dev/null
		modprobe $module && lsmod | grep -c "^$module "
		[ ! -e /dev/$module ] || cat /dev/$module /dev/$module
		rmmod $module && lsmod | grep -c "^$module "
		[ ! -e /dev/$module ] || echo "/dev/$module stays"
		dmesg | sed -E "s/^\[[^]]*\](\[[^]]*\])? //"
	done' sh "${modules[@]}" >"$tmp/said" 2>"$tmp/errors"
is 'the kernel does not complain' $? 0
[ ! -s "$tmp/errors" ] || sed 's/^/# /' "$tmp/errors"

# said MODULE - what came of it; 1 while it was there, 0 when it had left
said()
{
	sed -n "/^== $1\$/,/^== /{ /^== /! p; }" "$tmp/said" | grep -v taints
}

# That one also packs its modules, which no root here could load.
if grep -qx CONFIG_MODULE_SIG_FORCE=y "$lab/linux/build/.config"; then
	is 'each has a signature, for this kernel loads no other' "$(said enforced)" Y
fi

is 'rust_hello greets, and takes its leave in reverse' "$(said rust_hello)" "1
0
rust_hello: Hello, world!
rust_hello: Hello, kernel!
rust_hello: Hello, reader!
rust_hello: Goodbye, reader.
rust_hello: Goodbye, kernel.
rust_hello: Goodbye, world."

if [ -e "$lab/modules/rust_misc/rust_misc.ko" ]; then
	is 'rust_misc is a device while it is loaded' "$(said rust_misc)" "1
Hello, reader 1!
Hello, reader 2!
0
rust_misc: Reader 1 comes.
rust_misc: Reader 1 leaves.
rust_misc: Reader 2 comes.
rust_misc: Reader 2 leaves."
elif [ -e "$lab/modules/rust_misc" ]; then
	ok 'rust_misc says why this kernel has none' grep -q '^rust_misc: this kernel has no devices' "$lab/modules/rust_misc.log"
fi

if [ -e "$lab/modules/rust-template" ]; then
	is 'one from elsewhere, in a folder of another name, too' "$(said firefly)" "1
0
firefly: It glows.
firefly: It blinks 3 times, and is gone."
fi

if grep -qx CONFIG_LINUX_RUST_SAMPLES=y "$lab/.config"; then
	ok "the kernel's samples, too" grep -q '^rust_minimal: My numbers are \[72, 108, 200\]' "$tmp/said"
	ok 'rust_print, too' grep -q '^rust_print: ' "$tmp/said"
	is 'all of them are loaded, and leave' "$(grep -cx 1 "$tmp/said")-$(grep -cx 0 "$tmp/said")" \
		"${#modules[@]}-${#modules[@]}"
fi

finish
