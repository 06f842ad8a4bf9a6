#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a user changed in a menu comes back, and nothing else is kept.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

conf=$LAB/host/kconfig/conf
keep=$LAB/host/kconfig/keep
cd "$tmp" || exit 1

cat >Kconfig <<'END'
mainmenu "Test"

config BLOCK
	bool "Block"

config SWAP
	bool "Swap"
	depends on BLOCK
	default y

config CRC
	bool "CRC"

config EXT
	bool "Ext"
	depends on BLOCK
	select CRC

config LOG
	int "Log"
	default 20 if EXT
	default 12

config NAME
	string "Name"

config NET
	bool "Net"
	default y

choice
	prompt "Machine"
	default OLD

config OLD
	bool "Old"

config NEW
	bool "New"

endchoice

config OF_OLD
	bool "Of old"
	depends on OLD
	default y
END

# of alldef|allno LINE... - what is kept when these lines are the saved configuration
# (after `conf`), while base asks for the rest
of()
{
	local from=$1 off=()

	shift
	[ "$from" = alldef ] || off=(-n)
	printf '%s\n' "$@" >asked
	cat base asked >wanted
	KCONFIG_CONFIG=after "$conf" --defconfig=wanted Kconfig >/dev/null 2>&1
	"$keep" "${off[@]}" Kconfig after fragment base -- "${fragment[@]}"
	made "$from" >again
	diff again after >/dev/null || echo 'something else is made of it'
}

# made alldef|allno - the configuration that comes of base and the fragment
made()
{
	cat base "${fragment[@]}" >wanted
	[ ! -e fragment ] || cat fragment >>wanted
	KCONFIG_ALLCONFIG=wanted KCONFIG_CONFIG=made "$conf" "--${1}config" Kconfig >/dev/null 2>&1
	cat made
}


fragment=()
: >base
is 'no change, no line' "$(of alldef)" ''
ok 'and no file' test ! -e fragment
is 'a symbol' "$(of alldef CONFIG_BLOCK=y)" CONFIG_BLOCK=y
is 'it is in the file' "$(cat fragment)" CONFIG_BLOCK=y
rm fragment
is 'not what it selects, and what follows from it' "$(of alldef CONFIG_BLOCK=y CONFIG_EXT=y)" "$(printf 'CONFIG_BLOCK=y\nCONFIG_EXT=y')"
rm fragment
is 'a consequence that was changed back' "$(of alldef CONFIG_BLOCK=y CONFIG_EXT=y CONFIG_LOG=12)" \
	"$(printf 'CONFIG_BLOCK=y\nCONFIG_EXT=y\nCONFIG_LOG=12')"
rm fragment
is 'what is off' "$(of alldef '# CONFIG_NET is not set')" '# CONFIG_NET is not set'
rm fragment
is 'the answer to a choice, without what is not the answer' "$(of alldef CONFIG_NEW=y)" CONFIG_NEW=y
rm fragment
# shellcheck disable=SC2016 # nothing is to be expanded
is 'a text' "$(of alldef 'CONFIG_NAME="a \"b\" \\ $c #"')" 'CONFIG_NAME="a \"b\" \\ $c #"'
rm fragment

# Where what no line sets is off, its default must be kept.
printf 'CONFIG_NET=y\nCONFIG_OF_OLD=y\n' >base
is 'what the menu turned on with it' "$(of allno CONFIG_BLOCK=y)" "$(printf 'CONFIG_BLOCK=y\nCONFIG_SWAP=y')"
rm fragment

# A fragment that is there
: >base
printf '%s\n' '# mine' CONFIG_BLOCK=y CONFIG_NEW=y CONFIG_NET=y >fragment
fragment=(fragment)
is 'a line is replaced' "$(of alldef CONFIG_BLOCK=y CONFIG_OLD=y)" CONFIG_OLD=y
is 'and the others stay' "$(cat fragment)" "$(printf '%s\n' '# mine' CONFIG_BLOCK=y CONFIG_NET=y CONFIG_OLD=y)"
is 'a change that is taken back' "$(of alldef CONFIG_OLD=y)" '# CONFIG_BLOCK is not set'
is 'takes the place of the line' "$(cat fragment)" "$(printf '%s\n' '# mine' CONFIG_NET=y CONFIG_OLD=y '# CONFIG_BLOCK is not set')"

is 'what cannot be written is said' "$("$keep" Kconfig after none/fragment base 2>&1 | cut -d : -f 1,2)" \
	'keep: none/fragment'

finish
