# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Access to the user's git tree of Linux, $tree, which is only read; for bisect and series.  Comes
# after lib.sh.

# check_tree - dies unless it is such a tree
check_tree()
{
	local top

	[ -n "$tree" ] || die 'LINUX_DIR= is missing: a git tree of Linux'
	top=$(git -C "$tree" rev-parse --show-toplevel 2>&1) || die "$tree is no git tree: ${top%%$'\n'*}"
	[ "$top" -ef "$tree" ] || die "$tree is not the top folder of the git tree $top"
}

# commit NAME - prints its hash
commit()
{
	git -C "$tree" rev-parse -q --verify "$1^{commit}" || die "there is no commit $1 in $tree"
}

# borrow DIR - locks DIR and makes DIR/linux, a repository that takes the objects from where they
# are, on whatever file system
borrow()
{
	local dir=$1 objects shallow

	lock_folder "$dir"
	git init -q "$dir/linux"
	objects=$(cd "$tree" && realpath "$(git rev-parse --git-path objects)")
	echo "$objects" >"$dir/linux/.git/objects/info/alternates"
	shallow=$(cd "$tree" && realpath -m "$(git rev-parse --git-path shallow)")
	[ ! -e "$shallow" ] || cp "$shallow" "$dir/linux/.git/shallow"
	# Left behind by one that was killed
	rm -f "$dir/linux/.git/index.lock"
}

# copy_lab OUT LAB - copies the configuration files of OUT, and its programs, to LAB
copy_lab()
{
	copy_files "$1" "$2" "$1"/.config
}

# copy_files OUT LAB FILE... - the same, with these files instead of .config
copy_files()
{
	local file

	mkdir -p "$2"
	if [ -e "$1/host" ]; then
		cp -au "$1/host" "$2/"
	fi
	for file in "${@:3}" "$1"/*.config; do
		[ ! -e "$file" ] || cp -u "$file" "$2/"
	done
}
