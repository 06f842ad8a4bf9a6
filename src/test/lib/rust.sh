# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # what sources it takes lab
#
# $lab is a lab with Rust: this one, or the one that make check-rust builds beside it.
# Where there is none the test is skipped with the reason.  Comes after tap.sh.

lab=$LAB
has_rust()
{
	grep -qsx CONFIG_LINUX_RUST=y "$lab/.config" || [ -e "$lab/why-not" ]
}
has_rust || lab=$LAB/check/rust
has_rust || skip_all 'this lab has no Rust; make check-rust makes one'
[ ! -s "$lab/why-not" ] || skip_all "$(tail -n 1 "$lab/why-not")"
