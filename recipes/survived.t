#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A configuration is what was asked for, or the build stops.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

top=$PWD
cd "$tmp" || exit 1

# check WANTED... - prints what survived says about RESULT, then its status
check()
{
	local status=0

	"$top/recipes/survived" "$@" result 2>&1 || status=$?
	echo "status $status"
}

cat >result <<-END
	#
	# Automatically generated
	#
	CONFIG_A=y
	# CONFIG_B is not set
	CONFIG_TEXT="a = b # c"
	CONFIG_N=10
END

cat >good <<-END
	# CONFIG_A is what a comment may say
	CONFIG_A=y

	# CONFIG_B is not set
	CONFIG_B=n
	# CONFIG_GONE is not set
	CONFIG_TEXT="a = b # c"
	CONFIG_N=10
END
is 'nothing is said when all is as asked' "$(check good)" 'status 0'

cat >bad <<-END
	CONFIG_A=y
	CONFIG_B=y
	# CONFIG_A is not set
	CONFIG_GONE=m
	CONFIG_N=11
	CONFIG_TEXT="a = b"
END
is 'every lost line is named with its place' "$(check bad | sed 1d)" \
'bad:3: # CONFIG_A is not set; it is CONFIG_A=y
bad:2: CONFIG_B=y; it is # CONFIG_B is not set
bad:4: CONFIG_GONE=m; it is absent
bad:5: CONFIG_N=11; it is CONFIG_N=10
bad:6: CONFIG_TEXT="a = b"; it is CONFIG_TEXT="a = b # c"
status 1'

echo CONFIG_B=y >base
echo '# CONFIG_B is not set' >user
is 'the last file has the last word' "$(check base user)" 'status 0'
is 'in either direction' "$(check user base | sed 1d)" \
'base:1: CONFIG_B=y; it is # CONFIG_B is not set
status 1'

is 'a missing file is not an empty one' "$(check nowhere)" \
'survived: cannot read nowhere
status 2'
: >result
is 'an empty result loses all' "$(check base | tail -n 1)" 'status 1'

finish
