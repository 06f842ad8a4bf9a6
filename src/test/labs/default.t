#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The README's first steps, typed in the machine of this lab.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

[ -e "$LAB/modules/kbuild" ] || skip_all 'this lab has no modules'
grep -qx CONFIG_ROOTFS_AUTOLOGIN=y "$LAB/.config" || skip_all "this lab's machine asks for a password"
enter_lab default
play README.md#a-module-of-your-own '$ make run'
finish
