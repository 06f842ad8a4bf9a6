# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # what sources it takes lab
#
# $lab is a lab with Rust: this one, or the one that make check builds beside it.
# Where there is none the test is skipped with the reason.  Comes after tap.sh.

lab=$LAB
if ! grep -qx CONFIG_LINUX_RUST=y "$lab/.config"; then
	lab=$LAB/check/rust
	[ -e "$lab/why-not" ] || skip_all 'this lab has no Rust'
	[ ! -s "$lab/why-not" ] || skip_all "$(tail -n 1 "$lab/why-not")"
fi
