#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/rust.md is typed in its own lab: all of it by make check-rust, by make check-labs what
# takes no debugging information.
#
# Needs: lab alone

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

enter_own_lab rust LINUX_DEBUG
play docs/rust.md#two-languages
if grep -qx CONFIG_LINUX_DEBUG_INFO=y "$LAB/.config"; then
	play docs/rust.md#gdb
	play docs/rust.md#editors
fi
finish
