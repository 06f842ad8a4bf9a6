#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel's own tests ask for is in its configuration: all suites, those of a
# .kunitconfig, what the files `config' of kselftest have.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

linux=$tmp/linux
mkdir -p "$tmp/dir" "$linux"/{lib,fs/ext4} "$linux"/tools/testing/selftests/{futex,net/lib}
echo CONFIG_BASE=y >"$tmp/base"
cat >"$linux/lib/Kconfig" <<'EOF'
config ONE_TEST
	tristate "One" if !KUNIT_ALL_TESTS
	default KUNIT_ALL_TESTS

config TWO_TEST
	bool "Two" if !KUNIT_ALL_TESTS
	default KUNIT_ALL_TESTS

config OTHER
	tristate "No test"
	default y
EOF
echo CONFIG_OF_SOURCE=y >"$linux/fs/ext4/.kunitconfig"
echo CONFIG_OF_YOURS=y >"$tmp/mine"
printf '%s\n' '# why' CONFIG_A=y CONFIG_B=m CONFIG_C=m >"$linux/tools/testing/selftests/futex/config"
printf '%s\n' CONFIG_A=m CONFIG_B=y 'CONFIG_D="a = b"' >"$linux/tools/testing/selftests/net/lib/config"
touch "$linux"/tools/testing/selftests/{futex,net/lib}/Makefile

# compose PART OPTION... - sets $wanted to the lines of the kernel's configuration, or what was said
compose()
{
	printf 'CONFIG_%s\n' "${@:2}" >"$tmp/auto.conf"
	wanted=$(recipes/linux/compose "$tmp/auto.conf" '' "$linux" "$tmp/dir" "$tmp/base" -- "$tmp/dir/$1" 2>&1) ||
		return
	wanted=$(sed 1d "$tmp/dir/wanted" | paste -sd ' ')
}

compose kunit-suites LINUX_KUNIT=y
is 'suites are modules where they can be' "$wanted" 'CONFIG_KUNIT_FAULT_TEST=y CONFIG_ONE_TEST=m CONFIG_TWO_TEST=y'
compose kunit-suites LINUX_KUNIT=y LINUX_KUNIT_BUILTIN=y
is '... or in the kernel' "$wanted" 'CONFIG_KUNIT_FAULT_TEST=y CONFIG_ONE_TEST=y CONFIG_TWO_TEST=y'
compose kunit.config 'LINUX_KUNIT_FILE="fs/ext4"'
is "a folder of the source has its .kunitconfig" "$wanted" CONFIG_OF_SOURCE=y
compose kunit.config "LINUX_KUNIT_FILE=\"$tmp/mine\""
is '... and a file of yours is one' "$wanted" CONFIG_OF_YOURS=y
compose kunit.config 'LINUX_KUNIT_FILE="fs/nothing"'
is '... and one that is nowhere is named' "$wanted" \
	'linux: CONFIG_LINUX_KUNIT_FILE=fs/nothing: there is no such file, or folder with a .kunitconfig, here or in the source of this kernel'
compose kselftest.config 'LINUX_KSELFTEST_TARGETS="futex net/lib"'
is 'what several tests want is asked for once, and in the kernel if one wants it there' "$wanted" \
	'CONFIG_A=y CONFIG_B=y CONFIG_C=m CONFIG_D="a = b"'
compose kselftest.config 'LINUX_KSELFTEST_TARGETS="futex mutex"'
is '... and a folder that is not there is named' "$wanted" \
	'linux: CONFIG_LINUX_KSELFTEST_TARGETS: there is no folder mutex in tools/testing/selftests of this kernel'
finish
