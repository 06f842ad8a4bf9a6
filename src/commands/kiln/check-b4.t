#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kiln check-b4 judges the patch of a mail on its standard input, in the way that b4 asks for it;
# on a fake kernel, with a machine that only looks at it, and by b4 itself where there is one.
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

unset LINUX_DIR
export HOME=$tmp/home XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache
mkdir "$HOME"
kiln=$lab/src/commands/kiln/kiln

commit base "$(state 'good 1')"
commit good "$(state 'good 2')"
commit warning "$(state 'good 3')" 'static int never_used(void) { return 1; }'
commit oops "$(state 'splat 1')"
"${git[@]}" format-patch -q -o "$tmp/mails" base..main
cp "$tmp"/mails/0001* "$tmp/apart"
sed -i 's/good 2/good 9/' "$tmp/apart"
cd "$tree" || exit
mkdir -p "$("$kiln" lab | sed 's/.*, built in //')"
cp -a "$lab/out/host" "$lab/out/.config" "$("$kiln" lab | sed 's/.*, built in //')/"

# said MAIL WORD... - what b4 reads of it
said() { timeout 300 "$kiln" check-b4 "${@:2}" <"$1" 2>"$tmp/error"; }

is 'of a patch that passes nothing is said' "$(said "$tmp"/mails/0001*)$?" 0
is 'one that warns is a warning' "$(said "$tmp"/mails/0002*)" \
	"WARNING: warns: kernel/state.h: warning: 'never_used' defined but not used [-Wunused-function]"
is 'one that fails is an error' "$(said "$tmp"/mails/0003*)" 'ERROR: splat: WARNING: in core'
is '... as JSON, too' "$(said "$tmp"/mails/0003* --json | jq -r '.[] | "\(.tool) \(.status) \(.summary)"')" \
	'kiln fail splat: WARNING: in core'
is 'what was judged is not judged again' "$(cat "$tmp"/cache/kiln/*/default/series/seen | wc -l)" 4
if bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
	is 'a patch of another is judged on the branch' "$(said "$tmp/apart")" \
		'ERROR: no apply: kernel/state.h:1: the hunk does not apply'
fi
is 'what is asked for may be more' "$(said "$tmp"/mails/0001* CHECKS=smatch)$?-$(grep -c 'kiln: .* CHECKS=smatch: there are' "$tmp/error")" 1-1
echo 'Subject: [PATCH 0/3] cover' | said /dev/stdin >"$tmp/output"
ok 'a mail without a patch is told' grep -q '^kiln: .* has no patch' "$tmp/error"

if command -v b4 >/dev/null; then
	git config user.name x
	git config user.email x@localhost
	git config --add b4.prep-perpatch-check-cmd "$kiln check-b4"
	b4 prep -f base -n work >"$tmp/output" 2>&1
	git cherry-pick base..main >"$tmp/output" 2>&1
	timeout 300 b4 prep --check >"$tmp/output" 2>&1
	is "b4 tells of each patch" "$(grep -oE 'Success: .*' "$tmp/output")" 'Success: 1, Warning: 1, Error: 1'
fi
finish
