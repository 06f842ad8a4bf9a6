#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/llvm.md is typed in its own lab, make check-llvm; what it says of DQIB, by roots.t.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

enter_own_lab llvm
play docs/llvm.md#a-root-of-busybox
play docs/llvm.md#the-kernels-options
play docs/llvm.md#packages-and-an-editor
finish
