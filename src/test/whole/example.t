#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The example of a project of one's own, docs/external, as its author has it: in git, with
# kiln as a submodule; its modules are built for this lab's kernel, loaded and edited.
#
# Needs: lab

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/modules/kbuild" ] || skip_all 'this lab has no modules'

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR EXTERNAL
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@test \
	GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@test
source=$(source_word)
o=$tmp/o

# commit FOLDER - all that is there
commit()
{
	(cd "$1" && git init -q 2>&1 && git add -A && git commit -qm 'As it is')
}

vm()
{
	timeout 60 "$LAB/host/vm" -O "$o" "$@"
}

cleanup()
{
	vm stop 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

run()
{
	timeout 200 make O="$o" "$source" "$@" >"$tmp/output" 2>&1
}

copy_checkout "$tmp/origin"
commit "$tmp/origin"
cp -r docs/external "$tmp/lamps.origin"
(cd "$tmp/lamps.origin" && git init -q && git -c protocol.file.allow=always submodule --quiet add "$tmp/origin" kiln)
commit "$tmp/lamps.origin"
ok 'it is cloned, with kiln in it' git -c protocol.file.allow=always clone -q --recurse-submodules "$tmp/lamps.origin" "$tmp/lamps"
show_lab "$o"
# Its programs are older than this clone, and those of the lab are not for it to make anew.
rm "$o/host"
cp -a "$LAB/host" "$o/"
find "$o/host" -type f -exec touch {} +
cd "$tmp/lamps" || exit 1

vm start
run reload M=dimmer
is 'its module is built, and loaded into a machine' "$?-$(vm exec -- cat /sys/module/dimmer/parameters/level)" 0-0
ok '... with what lies around it, but without kiln' test -e "$o/modules/dimmer.tree/kmod/include/lamp.h" -a ! -e "$o/modules/dimmer.tree/kiln"
is '... and nothing is written there' "$(git status --short)" ''
sed -i 's/^static int level;/static int level = 5;/' kmod/dimmer/dimmer.c
run reload M=dimmer
is 'it is edited, and loaded anew' "$?-$(vm exec -- cat /sys/module/dimmer/parameters/level)" 0-5
sed -i 's/^static int level = 5;/static int level = LAMP_MORE;/' kmod/dimmer/dimmer.c
run reload M=dimmer
is 'an error is told where the user edits' "$?-$(grep -c "^$tmp/lamps/kmod/dimmer/dimmer.c:[0-9]*:.*error: .*LAMP_MORE" "$tmp/output")" 2-1
git checkout -q kmod
timeout 200 make -C kiln O="$o" "$source" reload M=dimmer >"$tmp/output" 2>&1
is "kiln's own make remembers the project" "$?-$(vm exec -- cat /sys/module/dimmer/parameters/level)" 0-0

run reload M=lantern
status=$?
if grep -qx CONFIG_LINUX_RUST=y "$o/.config"; then
	is 'one in Rust is loaded' "$status-$(vm exec -- dmesg | grep -c 'lantern: There is light.')" 0-1
	echo 'fn broken() -> u32 { nothing }' >>kmod/lantern/lantern.rs
	run reload M=lantern
	is 'an error in it is told where the user edits, too' "$?-$(grep -c -- "--> $tmp/lamps/kmod/lantern/lantern.rs:[0-9]" "$tmp/output")" 2-1
else
	is 'one in Rust says what it lacks' "$status-$(grep -c 'M=lantern: kmod/lantern is in Rust, which is off' "$tmp/output")" 2-1
fi

finish
