#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands of docs/ci.md do what it says, in the order in which they stand there; with a
# fake kernel, and machines that only say how a test ended.
#
# shellcheck disable=SC2016 # for sed and bash

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

page=$lab/docs/ci.md
export HOME=$tmp/home KILN=https://git.example.org/kiln.git
mkdir "$HOME"
unset XDG_CACHE_HOME XDG_DATA_HOME

# What is cloned is this checkout, with the machine of ours; its files are older than the
# programs of the lab, which need not be compiled again.
rm -rf "$out"
git init -q -b main "$lab"
git -C "$lab" add -A
git -C "$lab" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false commit -qm all
git config --global "url.file://$lab.insteadOf" "$KILN"
git config --global safe.directory '*'
git config --global init.templateDir "$tmp/template"
mkdir -p "$tmp/template/hooks"
printf '%s\n' '#!/bin/sh' 'find . -path ./.git -prune -o -type f ! -path ./src/vm/main.c -exec touch -d @1000000000 {} +' \
	>"$tmp/template/hooks/post-checkout"
chmod +x "$tmp/template/hooks/post-checkout"

# with_programs TREE - its lab has them
with_programs()
{
	mkdir -p "$1/.kiln/default"
	cp -a "$LAB/host" "$1/.kiln/default/"
	touch "$1/.kiln/default/host/kconfig/"*
}

# Nothing is installed.
for name in sudo apt-get; do
	printf '%s\n' '#!/bin/sh' "echo $name \"\$@\" >>'$tmp/installed'" >"$tmp/bin/$name"
	chmod +x "$tmp/bin/$name"
done

# As the machine of commits.sh, but it may run elsewhere (-w), and says a test's results.
sed -i 's|^lab=\$2$|&; work=$lab/vm; [[ $* != *" -w "* ]] \|\| { all=$*; work=${all#* -w }; work=${work%% *}; echo "ok 1 - it loads"; echo 1..1; cat >/dev/null; }|
	s|"\$lab/vm/last|"$work/last|g' "$tmp/machine"

# commands KEY... - those of the page under these keys of YAML, in their order
commands()
{
	awk -v keys=" $* " '
		/^```yaml/ { inside = 1 }
		/^```$/ { inside = 0 }
		inside && match($0, /^ +[a-z_]+:$/) { key = $1; sub(/:$/, "", key); next }
		inside && match($0, /^ +(- )?run: /) && keys ~ / run / { print substr($0, RLENGTH + 1) }
		inside && match($0, /^    - /) && index(keys, " " key " ") && !/^    - if:/ { print substr($0, RLENGTH + 1) }' "$page"
}

# follow FOLDER KEY... - what the commands print is in $tmp/said; sets $status
follow()
{
	commands "${@:2}" >"$tmp/commands"
	(cd "$1" && timeout 1800 bash -ex "$tmp/commands") >"$tmp/said" 2>&1
	status=$?
}

# A driver
commit base "$(state 'good 1')"
driver=$tmp/driver
mkdir "$driver"
printf 'obj-m := driver.o\n' >"$driver/Kbuild"
cp "$lab/kmod/hello/hello.c" "$driver/driver.c"
printf '%s\n' '#!/bin/sh' 'echo ok 1' >"$driver/driver.t"
chmod +x "$driver/driver.t"
git init -q "$driver"
with_programs "$driver"
follow "$driver" run
is 'the workflow of a driver passes' "$status $(wc -l <"$tmp/commands")" '0 5'
[ "$status" = 0 ] || tail -n 20 "$tmp/said" | sed 's/^/# /'
is '... and has its results as JUnit' "$(xmllint --xpath 'string(//testcase/@name)' "$driver/junit.xml")" 'it loads'
ok '... and a page, where the page says' grep -q 'id="brief"' "$driver/.kiln/default/report/index.html"

# kiln_json GOAL... - what it prints with JSON=1 is in $tmp/json
kiln_json()
{
	(cd "$driver" && timeout 1800 "$HOME/kiln/src/commands/kiln/kiln" "$@" JSON=1) >"$tmp/json" 2>"$tmp/said"
}
kiln_json test
is 'with JSON=1 make prints nothing else' "$(jq -r '[.goal, .test, .verdict] | join(" ")' "$tmp/json")" 'test driver passed'
echo 'this is no C' >"$tree/kernel/state.h"
kiln_json test
is '... also where the build fails' "$(jq -r '[.goal, .file // "", .line, (.error != "")] | join(" ")' "$tmp/json" | sed 's,[^ ]*/kernel/,kernel/,')" \
	'test kernel/state.h 1 true'
"${git[@]}" checkout -q kernel/state.h

# A kernel's tree
commit good "$(state 'good 2')"
CI_MERGE_REQUEST_DIFF_BASE_SHA=$("${git[@]}" rev-parse base)
export CI_MERGE_REQUEST_DIFF_BASE_SHA
unset LINUX_DIR
rm -rf "$HOME/kiln"
with_programs "$tree"
follow "$tree" before_script script after_script
is 'the job of a kernel passes' "$status $(grep -c '1 commits: 1 passed' "$tmp/said")" '0 1'
[ "$status" = 0 ] || tail -n 20 "$tmp/said" | sed 's/^/# /'
is '... with the results in each form' "$(xmllint --xpath 'count(//testcase)' "$tree/.kiln/default/report/junit.xml") $(jq -r '.tests | length' "$tree/.kiln/default/report/kcidb.json")" '2 2'
commit fails "$(state 'broken 1')"
rm -rf "$HOME/kiln"
follow "$tree" before_script script
is '... and fails by a commit that does not' "$status $(grep -c 'fails     fails' "$tmp/said")" '2 1'

finish
