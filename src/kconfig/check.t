#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A configuration is what was asked for, or the reason is said.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

check=$LAB/host/kconfig/check
cd "$tmp" || exit 1

cat >Kconfig <<'END'
mainmenu "Test"

config MODULES
	bool "Modules"
	modules

config NET
	bool "Network"

config PCI
	bool "PCI"

config NET_CARD
	tristate "Card"
	depends on NET && PCI

config NET_FAST
	bool "Fast card"
	depends on NET_CARD
	select NET_QUEUES

config NET_QUEUES
	bool "Queues"

config SMALL
	bool "Small"

config LARGE
	bool "Large"
	depends on !SMALL

config HIDDEN
	bool

config OF_HIDDEN
	bool "Of hidden"
	depends on HIDDEN

config HELPED
	bool

config HELPER
	bool "Helper"
	select HELPED

config OF_HELPED
	bool "Of helped"
	depends on HELPED

config EITHER
	bool "Either"
	depends on SMALL || PCI

choice
	prompt "Machine"
	default OLD

config OLD
	bool "Old"

config NEW
	bool "New"

config NEXT
	bool "Next"
	depends on PCI

endchoice

config OF_NEW
	bool "Of new"
	depends on NEW

config CPUS
	int "Processors"
	default 1
	range 1 8

config ROOMS
	int "Rooms"
	default 1
	range 1 64 if LARGE
	range 1 1

config BASE
	hex "Base"
	default 0x10

config NAME
	string "Name"
	default "x"
	depends on NET

config NAMED
	def_bool NAME != "" && (SMALL || !PCI)

config OF_NAMED
	bool "Of named"
	depends on NAMED

config MY_KASAN
	bool "Kasan"

config XENFS
	bool "No file system for others"

config XFS_FS
	bool "File system"
	depends on CPUS >= 4

config SANITIZER
	bool "Sanitizer"
	depends on $(shell,echo n)

config OF_SANITIZER
	bool "Of sanitizer"
	depends on SANITIZER

config ONLY_MODULE
	tristate "Only module"
	depends on m
END

# says FILE... - what check says of files, and its status
says()
{
	local status=0

	"$check" -w Kconfig result "$@" 2>&1 || status=$?
	echo "status $status"
}

# of LINE... - what it says of a file with these lines, without its name
of()
{
	printf '%s\n' "$@" >asked
	says asked | sed 's/asked://g; /^status 1$/d'
}

cat >good <<'END'
#
# CONFIG_NET is what a comment may say
# CONFIG_SMALL is not set
CONFIG_LARGE=y

CONFIG_NET=y
CONFIG_NAME="a = \"b\" \\ # $(c)"
CONFIG_CPUS=8
CONFIG_BASE=20
CONFIG_PCI=n
CONFIG_NEW=y
END
printf 'CONFIG_OF_NEW=y' >>good
is 'nothing is said when all is as asked' "$(says good)" 'status 0'
is 'the lines that count are written' "$(grep -c . result)" 9
sed 's/$/\r/' good >dos
is 'lines may end as in DOS' "$(says dos)" 'status 0'

is 'an unknown symbol' "$(of CONFIG_BROKEN=y)" '1: CONFIG_BROKEN is unknown'
is 'an unknown symbol that is not set' "$(of '# CONFIG_BROKEN is not set')" '1: CONFIG_BROKEN is unknown'
is 'one that is like another' "$(of CONFIG_NTE_CARD=y CONFIG_NET_CARDS=y CONFIG_KASAN=y CONFIG_XFS=y CONFIG_NX=y)" \
'1: CONFIG_NTE_CARD is unknown; there is CONFIG_NET_CARD
2: CONFIG_NET_CARDS is unknown; there is CONFIG_NET_CARD
3: CONFIG_KASAN is unknown; there is CONFIG_MY_KASAN
4: CONFIG_XFS is unknown; there is CONFIG_XFS_FS
5: CONFIG_NX is unknown'
how='sets no option: write CONFIG_NAME=value or # CONFIG_NAME is not set, with no other blanks'
is 'a line of something else' "$(of '' ' CONFIG_NET=y' net=y 'CONFIG_NET = y' CONFIG_NET '#CONFIG_NET is not set')" \
"2: \" CONFIG_NET=y\" $how
3: \"net=y\" $how
4: \"CONFIG_NET = y\" $how
5: \"CONFIG_NET\" $how
6: \"#CONFIG_NET is not set\" $how"
is 'blanks at the end are none' "$(of 'CONFIG_NET=y ' $'# CONFIG_PCI is not set \t'; cat result)" \
'status 0
CONFIG_NET=y
# CONFIG_PCI is not set'
printf 'CONFIG_NET=y\n\037\213\b\0\nCONFIG_NETT=y\n' >binary
is 'no text' "$(says binary)" 'binary:2: this is not a text file
status 1'
is 'nor a file' "$(says .)" 'check: .: Is a directory
status 2'

is 'impossible values' "$(of CONFIG_NET=yes CONFIG_NET=m CONFIG_NET_CARD=1 CONFIG_CPUS=x CONFIG_CPUS= \
	CONFIG_BASE=0xg CONFIG_NAME=x 'CONFIG_NAME="x' '# CONFIG_CPUS is not set')" \
'1: CONFIG_NET=yes: it must be y or n
2: CONFIG_NET=m: it must be y or n
3: CONFIG_NET_CARD=1: it must be y, m or n
4: CONFIG_CPUS=x: it must be a number
5: CONFIG_CPUS=: it must be a number
6: CONFIG_BASE=0xg: it must be a hexadecimal number like 0x10
7: CONFIG_NAME=x: it must be a text in "double quotes"
8: CONFIG_NAME="x: it must be a text in "double quotes"
9: # CONFIG_CPUS is not set: it must be a number'
is 'a number out of range' "$(of CONFIG_CPUS=9)" '1: CONFIG_CPUS=9: it must be between 1 and 8'
is 'a range that another widens' "$(of CONFIG_ROOMS=4)" \
'1: CONFIG_ROOMS=4: it must be between 1 and 1; this needs CONFIG_LARGE, which is off'
is 'or may not' "$(of CONFIG_ROOMS=65)" '1: CONFIG_ROOMS=65: it must be between 1 and 1'
is 'one that has a condition' "$(of CONFIG_LARGE=y CONFIG_ROOMS=65)" \
'2: CONFIG_ROOMS=65: it must be between 1 and 64 with CONFIG_LARGE'

is 'a dependency that is off' "$(of CONFIG_NET_CARD=y CONFIG_NET=y)" \
'1: CONFIG_NET_CARD needs CONFIG_PCI, which is off'
is 'two that are off' "$(of CONFIG_NET_CARD=y)" \
'1: CONFIG_NET_CARD needs CONFIG_NET, which is off, and CONFIG_PCI, which is off'
is 'one that is off for want of another' "$(of CONFIG_NET=y CONFIG_NET_FAST=y)" \
'2: CONFIG_NET_FAST needs CONFIG_NET_CARD, which is off because it needs CONFIG_PCI, which is off'
is 'one that a line turns off' "$(of CONFIG_NET_CARD=y CONFIG_NET=y '# CONFIG_PCI is not set')" \
'1: CONFIG_NET_CARD needs CONFIG_PCI, which is off because of 3'
is 'a text whose dependency is off' "$(of 'CONFIG_NAME="y"')" '1: CONFIG_NAME needs CONFIG_NET, which is off'
is 'one that must be off' "$(of CONFIG_SMALL=y CONFIG_LARGE=y)" '2: CONFIG_LARGE needs CONFIG_SMALL off'
is 'a number that is too low' "$(of CONFIG_XFS_FS=y)" '1: CONFIG_XFS_FS needs CONFIG_CPUS >= 4'
tools='what the compiler or another tool here cannot do'
is 'a tool that cannot do it' "$(of CONFIG_SANITIZER=y CONFIG_OF_SANITIZER=y)" \
"1: CONFIG_SANITIZER needs $tools
2: CONFIG_OF_SANITIZER needs CONFIG_SANITIZER, which is off because it needs $tools"
is 'what is a module or nothing' "$(of CONFIG_MODULES=y CONFIG_ONLY_MODULE=y)" '2: CONFIG_ONLY_MODULE needs to be a module'
is 'one of two' "$(of CONFIG_EITHER=y)" '1: CONFIG_EITHER needs CONFIG_SMALL or CONFIG_PCI'
is 'one that nobody can set' "$(of CONFIG_OF_HIDDEN=y)" \
'1: CONFIG_OF_HIDDEN needs CONFIG_HIDDEN, which is off and cannot be set'
is 'one that another selects' "$(of CONFIG_OF_HELPED=y)" \
'1: CONFIG_OF_HELPED needs CONFIG_HELPED, which is off because it takes CONFIG_HELPER'
is 'one without a prompt' "$(of CONFIG_HELPED=y)" \
'1: CONFIG_HELPED=y: it cannot be set, others select it: CONFIG_HELPER'
is 'nor a value of its own' "$(of CONFIG_HIDDEN=y CONFIG_PCI=y CONFIG_NAMED=y)" \
'1: CONFIG_HIDDEN=y: it cannot be set, it follows from others
3: CONFIG_NAMED=y: it cannot be set, it follows from CONFIG_NAME != "" and (CONFIG_SMALL or CONFIG_PCI off)'
is 'what depends on it' "$(of CONFIG_PCI=y CONFIG_OF_NAMED=y)" \
'2: CONFIG_OF_NAMED needs CONFIG_NAMED, which is off because it follows from CONFIG_NAME != "" and (CONFIG_SMALL or CONFIG_PCI off)'
is 'one that cannot be turned off' "$(of CONFIG_NET=y CONFIG_PCI=y CONFIG_NET_CARD=y CONFIG_NET_FAST=y \
	'# CONFIG_NET_QUEUES is not set')" \
'5: # CONFIG_NET_QUEUES is not set: it stays on, selected by CONFIG_NET_FAST'
is 'a module where there are none' "$(of CONFIG_NET=y CONFIG_PCI=y CONFIG_NET_CARD=m)" \
'3: CONFIG_NET_CARD=m: it is on because CONFIG_MODULES is off'

is 'a choice with two answers' "$(of CONFIG_OLD=y CONFIG_NEW=y)" \
'2: CONFIG_NEW=y: a second answer to the same choice, after CONFIG_OLD=y of 1'
is 'an answer that cannot be had' "$(of CONFIG_NEXT=y)" '1: CONFIG_NEXT needs CONFIG_PCI, which is off'
is 'what depends on another answer' "$(of CONFIG_OF_NEW=y)" \
'1: CONFIG_OF_NEW needs CONFIG_NEW, which is off because "Machine" is CONFIG_OLD'
is 'a choice without an answer' "$(of '# CONFIG_OLD is not set' '# CONFIG_NEW is not set')" \
'1: # CONFIG_OLD is not set: "Machine" needs an answer, and no other one is visible'

is 'the later line counts' "$(of CONFIG_NET=y CONFIG_NET=n 'CONFIG_CPUS=3' CONFIG_CPUS=2)" 'status 0'
is 'it alone' "$(cat result)" 'CONFIG_NET=n
CONFIG_CPUS=2'
is 'an answer may be taken back' "$(of CONFIG_NEW=y CONFIG_OLD=y '# CONFIG_NEW is not set')" 'status 0'

echo CONFIG_OLD=y >a
echo CONFIG_NEW=y >b
is 'two files with an answer each' "$(says a b)" \
'b:1: CONFIG_NEW=y: a second answer to the same choice, after CONFIG_OLD=y of a:1
status 1'
is 'files after -- have the say' "$(says a -- b; cat result)" "$(printf 'status 0\nCONFIG_NEW=y')"
is 'in either direction' "$(says b -- a; cat result)" "$(printf 'status 0\nCONFIG_OLD=y')"

mkdir menu
cp Kconfig menu
is 'the menu may be elsewhere' "$("$check" -w -C menu Kconfig result a 2>&1; cat result)" CONFIG_OLD=y
is 'a missing file is not an empty one' "$(says nowhere)" \
'check: nowhere: No such file or directory
status 2'
echo CONFIG_OLD=y >result
is 'a result of somebody else is judged too' "$("$check" Kconfig result b 2>&1)" \
'b:1: CONFIG_NEW=y: "Machine" is CONFIG_OLD'

finish
