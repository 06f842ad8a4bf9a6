# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # lab.sh sets tmp
#
# A fake kernel with a history, $tree, each commit of which says what it is, and a machine that
# only looks at the kernel that was built.  Comes after lab.sh; ends with a configured lab.

tree=$LINUX_DIR
git=(git -C "$tree" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false)
sed -i '1a#include "state.h"' "$tree/kernel/core.c"
"${git[@]}" init -q -b main

# state WORDS - the line of C that has them in the kernel
state()
{
	echo "static const char state[] __attribute__((used)) = \"kernel is $1\";"
}

# commit SUBJECT LINE... - of kernel/state.h; SUBJECT is its tag, too, if it can be one
commit()
{
	printf '%s\n' "${@:2}" >"$tree/kernel/state.h"
	"${git[@]}" add -A
	"${git[@]}" commit -qm "$1"
	"${git[@]}" tag "$1" 2>/dev/null
}

# state_of_tree - all of it that git would not change by itself
state_of_tree()
{
	(cd "$tree" && find . -path ./.git/index -prune -o -type f -printf '%p %T@ %C@\n' | sort)
	"${git[@]}" worktree list
}

# The program vm: each lab links one of its own.  It notes the kernel and the command in the
# file `seen` beside its lab, and ends as that kernel would have it.
cat >src/vm/main.c <<EOF
#include <unistd.h>

int main(int argc, char **argv)
{
	return argc ? execv("$tmp/machine", argv) : 0;
}
EOF
cat >"$tmp/machine" <<'EOF'
#!/bin/bash
lab=$2
state=$(grep -ao 'kernel is [a-z-]*' "$lab/linux/vmlinux.stripped")
echo "$state: ${*: -1}" >>"$lab/../seen"
outcome=passed status=0 splats= reason=
case $state in
*broken) outcome=failed status=3 ;;
*not-up) outcome=not-up status=125 ;;
*lost) outcome=vanished status=255 reason='QEMU was killed by SIGKILL' ;;
*splat) outcome=complained status=254 splats='{ "title": "WARNING: in core" }' ;;
esac
mkdir -p "$lab/vm/last"
printf '{\n  "outcome": "%s",\n  "status": %d,\n  "reason": "%s",\n  "splats": [%s]\n}\n' \
	$outcome $status "${reason:-it ended with status $status}" "$splats" >"$lab/vm/last/result.json"
exit $status
EOF
chmod +x "$tmp/machine"
make -s defconfig >"$tmp/output"
