#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The files of a branch, a tag or a commit, from repositories on this machine.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

command -v git >/dev/null || skip_all 'no git'

fetch=$PWD/recipes/fetch/fetch
dl=$tmp/dl
repo=$tmp/repo
url=file://$repo
export HOME=$tmp GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

in_repo()
{
	git -C "$repo" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false "$@"
}

# commit TEXT
commit()
{
	echo "$1" >"$repo/Makefile"
	in_repo add -A
	in_repo commit -q -m "$1"
}

says()
{
	local status=0 output

	output=$("$@" 2>&1) || status=$?
	tail -n 1 <<<"$output" | sed "s,$url,URL,; s,$dl,DL,g"
	echo "status $status"
}

# get REF [FOLDER]
get()
{
	"$fetch" git "$url#$1" "$dl/${2-$1}"
}

git init -q -b main "$repo"
commit one
ln -s Makefile "$repo/link"
printf '#!/bin/sh\n' >"$repo/script"
chmod +x "$repo/script"
printf 'script export-ignore\n*.txt text eol=crlf\n' >"$repo/.gitattributes"
commit two
in_repo tag -a -m 'second' v2
second=$(in_repo rev-parse HEAD)
in_repo checkout -q -b topic/x
commit three
in_repo checkout -q main

ok 'a branch is fetched' get main
is 'its files are there' "$(cat "$dl/main/Makefile" "$dl/main/link")" "$(printf 'two\ntwo')"
is 'it knows what it is' "$(cat "$dl/main/.fetched")" "$url#main $second"
is 'its files cannot be edited by mistake' "$(find "$dl/main" -type f -perm /222 ! -name .fetched)" ''
ok 'all that is in the tree is there' test -x "$dl/main/script"
ok 'and nothing of git' test ! -e "$dl/main/.git" -a ! -e "$dl/main/.index"
is 'without history' "$(git --git-dir="$dl/archives/main.git" rev-list --count "$second")" 1
ok 'a tag' get v2
ok 'a branch with a slash in its name' get topic/x topic
is 'is that branch' "$(cat "$dl/topic/Makefile")" three
ok 'a commit' get "$second" commit
is 'is that commit' "$(cat "$dl/commit/Makefile")" two
ok 'a path will do' "$fetch" git "$repo#main" "$dl/path"

is 'no such branch' "$(says get nosuch)" \
"fetch: cannot get nosuch from URL: see git's messages above, and check both in the menu, or fix the network; a commit is named by all of its digits
status 1"
ok 'leaves nothing' test ! -e "$dl/nosuch" -a ! -e "$dl/nosuch.new"
is 'no such repository' "$(says "$fetch" git "$url.no#main" "$dl/no" | sed 's,: see.*,,')" \
"fetch: cannot get main from URL.no
status 1"

# A branch moves; what is there stays until it is asked for.
in_repo checkout -q main
commit four
ok 'what is there stays' get main
is 'as it is' "$(cat "$dl/main/Makefile")" two
rm -rf "$dl/main"
mv "$repo" "$repo.away"
ok 'what was fetched needs no repository' get main
is 'it is the same again' "$(cat "$dl/main/Makefile")" two
is 'a newer one cannot be had then' "$(says "$fetch" -u git "$url#main" "$dl/main" | sed 's,: see.*,,')" \
"fetch: cannot get main from URL
status 1"
is 'and the old one is left' "$(cat "$dl/main/Makefile")" two
mv "$repo.away" "$repo"
ok 'the newer one' "$fetch" -u git "$url#main" "$dl/main"
is 'is there now' "$(cat "$dl/main/Makefile" "$dl/main/.fetched")" "$(printf 'four\n%s' "$url#main $(in_repo rev-parse HEAD)")"
ok 'nothing of the old one is' test ! -e "$dl/main.old"
before=$(stat -c %i "$dl/main")
is 'there is nothing newer' "$(says "$fetch" -u git "$url#main" "$dl/main" | sed 's, [0-9a-f]\{40\}$,,')" \
"fetch: there is nothing newer than URL#main
status 0"
is 'so it was left alone' "$(stat -c %i "$dl/main")" "$before"
in_repo reset -q --hard v2
ok 'a branch that was set back' "$fetch" -u git "$url#main" "$dl/main"
is 'is so here' "$(cat "$dl/main/Makefile")" two

# Servers of other minds
git clone -q --bare "$repo" "$tmp/www.git"
git -C "$tmp/www.git" update-server-info
if command -v python3 >/dev/null; then
	src/test/lib/webserver "$tmp" "$tmp/port" &
	server=$!
	trap 'kill $server; wait $server 2>/dev/null; rm -rf "$tmp"' EXIT
	until [ -e "$tmp/port" ]; do sleep 0.02; done
	ok 'a web server that knows nothing of git' \
		"$fetch" git "http://127.0.0.1:$(<"$tmp/port")/good/www.git#v2" "$dl/dumb"
	is 'gives the same' "$(cat "$dl/dumb/Makefile")" two
fi
in_repo config uploadpack.allowAnySHA1InWant false
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.version GIT_CONFIG_VALUE_0=0
first=$(in_repo rev-parse v2~1)
ok 'a server that gives no commits by name' get "$first" old
is 'is asked for the branches' "$(cat "$dl/old/Makefile")" one
unset GIT_CONFIG_COUNT

# The user's own settings are for his own trees.
mkdir "$tmp/hooks"
printf '#!/bin/sh\ntouch %s\n' "$tmp/hook" >"$tmp/hooks/post-checkout"
chmod +x "$tmp/hooks/post-checkout"
git config --global core.hooksPath "$tmp/hooks"
git config --global core.autocrlf true
GIT_DIR=$repo/.git GIT_INDEX_FILE=$tmp/index ok 'with hooks, conversions and an environment' get main mine
ok 'no hook ran' test ! -e "$tmp/hook"
ok 'the files are as they are' cmp <(in_repo show v2:Makefile) "$dl/mine/Makefile"
ok 'no index was touched' test ! -e "$tmp/index"

# git that stays in the middle
mkdir "$tmp/bin"
cat >"$tmp/bin/git" <<-END
	#!/bin/bash
	if [[ " \$* " == *' fetch '* ]]; then
		touch "$dl/archives/killed.git/shallow.lock" "$tmp/stays"
		sleep 60
	fi
	exec $(command -v git) "\$@"
END
chmod +x "$tmp/bin/git"
for signal in INT TERM KILL; do
	rm -rf "$dl"/killed "$dl/archives/killed.git" "$tmp/stays"
	(set -m; PATH=$tmp/bin:$PATH get main killed >/dev/null 2>&1 & echo $! >"$tmp/pid")
	for ((i = 0; i < 1000; i++)); do
		[ ! -e "$tmp/stays" ] || break
		sleep 0.05
	done
	kill "-$signal" -- "-$(cat "$tmp/pid")"
	ok "SIG$signal: nothing is there" test ! -e "$dl/killed"
	ok "SIG$signal: the next fetch is good" get main killed
done

finish
