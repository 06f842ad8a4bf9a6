#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What plays the pages of the manual: it finds what is asked for, types it where it belongs,
# and fails when anything else than the page's words is seen.

# shellcheck disable=SC2016 # the page's
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

# A program with a prompt of its own
cat >"$tmp/play/machine" <<'END'
#!/bin/bash
while printf 'kiln:~# ' && IFS= read -r line && [ "$line" != poweroff ]; do
	eval "$line"
done
END
printf '#!/bin/sh\necho "made $*"\n[ "$1" != fail ]\n' >"$tmp/play/make"
chmod +x "$tmp/play"/*
cat >"$tmp/page.md" <<END
# A page

    make first                      what it does
    make second CMD='a | b'         more of it

    behind an empty line

Words, with

    cd $tmp   make it
    touch "./it's"

## Its part, two

    \$ machine
    kiln:~# echo one; echo two; echo three
    one
    thr...
    kiln:~# echo first; seq 2000
    first
    ...
    2000
    kiln:~# poweroff
    \$ test -d out/x && echo there
    there

## A bad one

    \$ echo yes
    no
    \$ echo never

## Another

\`\`\`
    indented
make fail
\`\`\`

    int code(void);
END

is 'what stands before all headings' "$(block_of "$tmp/page.md#" 'make first')" \
	$'make first                      what it does\nmake second CMD=\'a | b\'         more of it\n\nbehind an empty line'
is '... as commands' "$(commands_of "$tmp/page.md#" 'make first')" $'make first\nmake second CMD=\'a | b\'\nbehind an empty line'
is 'what stands below a heading' "$(block_of "$tmp/page.md#another")" $'    indented\nmake fail\nint code(void);'
is 'without prompts' "$(commands_of "$tmp/page.md#a-bad-one" | head -n 1)" 'echo yes'
is 'one that is not there' "$(block_of "$tmp/page.md#nowhere"; block_of "$tmp/page.md" 'no such')" ''

page_out=$tmp/here
mkdir -p "$tmp/here/x"
played()
{
	(tests=0 failures=0; play "$@" | sed "s,$tmp/,,g"; echo "$failures")
}
is 'a list is done, in one shell' "$(played "$tmp/page.md#" touch | head -n 3; ls "$tmp/it's")" "ok 1 - page.md:10: cd $tmp
ok 2 - page.md:10: make it
ok 3 - page.md:11: touch \"./it's\"
$tmp/it's"
is 'prompts are followed, here and there' "$(played "$tmp/page.md#its-part-two" | head -n 5)" \
	'ok 1 - page.md:15: $ machine
ok 2 - page.md:16: kiln:~# echo one; echo two; echo three
ok 3 - page.md:19: kiln:~# echo first; seq 2000
ok 4 - page.md:23: kiln:~# poweroff
ok 5 - page.md:24: $ test -d out/x && echo there'
is 'what is not seen fails, and ends it' "$(played "$tmp/page.md#a-bad-one" | grep -v '^#')" \
	$'not ok 1 - page.md:29: echo yes (there is no: no)\n0'
is 'so does a command that fails, with what it said' "$(played "$tmp/page.md#another" | sed -n '1,2p')" \
	$'not ok 1 - page.md:37: make fail\n# made fail'
is 'a block that is gone fails' "$(played "$tmp/page.md#gone" | grep -c '^not ok .*page.md#gone: there is such a block')" 1
finish
