# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# A lab whose compiler ccache can know, beside servers that the test starts: what is in
# $servers is ended with the test.  Comes after lab.sh.

unset CCACHE_DISABLE "${!CCACHE_@}" "${!DISTCC_@}"
# The fake one reads its standard input, which is no file that ccache knows, and distcc would
# compile the name of that.
rm "$tmp/bin/gcc"

servers=()
cleanup()
{
	[ ${#servers[@]} = 0 ] || kill "${servers[@]}"
	rm -rf "$tmp"
} 2>/dev/null
trap cleanup EXIT
