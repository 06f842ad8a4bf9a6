#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/disk.md is typed in its own lab, make check-disk.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

enter_own_lab disk
play docs/disk.md
finish
