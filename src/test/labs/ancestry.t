#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/ancestry.md is typed: all of it in its own lab, make check-ancestry; elsewhere the
# edit, which each lab with modules can do.
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

if enter_lab ancestry; then
	play docs/ancestry.md#the-module
	play docs/ancestry.md#a-language-server
fi
play docs/ancestry.md#an-edit
finish
