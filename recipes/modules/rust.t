#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules in Rust are loaded, say what they should, and leave the kernel.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

grep -qx CONFIG_LINUX_RUST=y "$LAB/.config" || skip_all 'this lab has no Rust'

# shellcheck disable=SC2016 # the guest's
timeout 120 "$LAB/run" -- sh -c '
	for module in rust_hello $1; do
		dmesg -c >/dev/null
		modprobe $module && echo "loaded $module" && lsmod | grep -c "^$module "
		rmmod $module && echo "left $module" && lsmod | grep -c "^$module "
		dmesg | sed "s/^\[[^]]*\] //"
	done' sh "$(grep -qx CONFIG_LINUX_RUST_SAMPLES=y "$LAB/.config" && echo 'rust_minimal rust_print')" \
	>"$tmp/said" 2>"$tmp/errors"
is 'the kernel does not complain' $? 0
[ ! -s "$tmp/errors" ] || sed 's/^/# /' "$tmp/errors"
is 'rust_hello greets, and takes its leave in reverse' "$(grep 'rust_hello' "$tmp/said" | grep -v taints)" "loaded rust_hello
left rust_hello
rust_hello: Hello, world!
rust_hello: Hello, kernel!
rust_hello: Hello, reader!
rust_hello: Goodbye, reader.
rust_hello: Goodbye, kernel.
rust_hello: Goodbye, world."
is 'it is there, and then no more' "$(sed -n '/^loaded rust_hello/,/^rust_hello/{ /^[01]$/p; }' "$tmp/said" | tr '\n' ' ')" '1 0 '

if grep -qx CONFIG_LINUX_RUST_SAMPLES=y "$LAB/.config"; then
	ok "the kernel's samples, too" grep -q '^rust_minimal: My numbers are \[72, 108, 200\]' "$tmp/said"
	ok 'all of them' grep -q '^rust_print: ' "$tmp/said"
	is 'and leave' "$(grep -c '^left rust_' "$tmp/said")" 3
fi

finish
