#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's packages for dkms build for a kernel of this lab, with Linux's own defaults and what
# they ask for, and load; or they end with the error that they end with for Debian's own headers
# of that version.  The table is left in $LAB/check/dkms.table.
#
# Needs: lab full

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

auto_conf=$LAB/include/config/auto.conf
suite=$(src/engine/config-value "$auto_conf" LINUX_PACKAGE_SUITE)
[ "${suite:+$(src/engine/config-value "$auto_conf" LINUX_DEFCONFIG)}" = y ] ||
	skip_all 'this is no lab of make check-dkms'
why=$(recipes/modules/dkms check)
[ -z "$why" ] || skip_all "$why"

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
recipes/modules/packages "$LAB" "$DL" "$suite" >"$tmp/table" 2>"$tmp/errors"
is 'all packages were looked at' "$?" 0
sed 's/^/# /' "$tmp/errors"
mkdir -p "$LAB/check"
grep '|' "$tmp/table" >"$LAB/check/dkms.table"
while IFS='|' read -r same package here there; do
	is "$package: $here" "$same" same
	[ "$same" = same ] || echo "# for Debian's own headers: $there"
done <"$LAB/check/dkms.table"

finish
