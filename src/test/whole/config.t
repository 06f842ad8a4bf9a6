#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Goals and the configuration, in an O= of the test's own.  It borrows the
# programs of the lab, so nothing is fetched or compiled.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS
o=$tmp/o
# shellcheck disable=SC2153 # make check sets it
linux=$LINUX

lab()
{
	make O="$o" LINUX_DIR="$linux" "$@" >"$tmp/output" 2>&1
}

fresh()
{
	rm -rf "$o"
	mkdir -p "$o"
	cp -a "$LAB/host" "$o/host"
}

# Goals without a configuration
ok 'help needs nothing' make O="$tmp/none" help
ok 'and makes nothing' test ! -e "$tmp/none"
ok 'clean of nothing is fine' make O="$tmp/none" clean linux-clean distclean
ok 'and leaves nothing' test ! -e "$tmp/none"

# Without a .config
fresh
lab -n
is '-n without .config fails' $? 2
ok 'and says what to do' grep -q 'no .*/o/.config yet.*make defconfig' "$tmp/output"
lab defconfig
ok 'defconfig writes .config' grep -q '^CONFIG_LINUX_TINY=y' "$o/.config"
ok 'then -n says what make would do' lab -n
make O="$o" DL="$tmp/none" -n >"$tmp/output" 2>&1
ok '... and fetches nothing for that' test ! -e "$tmp/none"
ok 'and does nothing' test ! -e "$o/linux"

fresh
lab "$o/include/config/auto.mk"
ok 'any other goal writes the default .config by itself' grep -q '^CONFIG_LINUX_TINY=y' "$o/.config"
ok 'and says so' grep -q 'config is new' "$tmp/output"
is 'and nothing else' "$(grep -v 'config is new\|is up to date' "$tmp/output")" ''

# Goals of several kinds, in order, however parallel
fresh
lab -j16 defconfig savedefconfig clean olddefconfig
ok 'mixed goals run in order under -j' test -e "$o/defconfig"
fresh
lab -j16 savedefconfig defconfig help
is 'one that fails ends it' "$?-$(grep -c 'List what can be made' "$tmp/output")" '0-1'

# One that waits for the lock, and is told to end by who was told to end
exec 6>"$o/.lock"
flock 6
mkfifo "$tmp/said"
make O="$o" LINUX_DIR="$linux" help linux-clean clean >"$tmp/said" 2>&1 6>&- &
outer=$!
exec 7<"$tmp/said"
while read -r -t 100 line <&7 && [[ $line != waiting* ]]; do :; done
kill -TERM $outer
wait $outer
is 'SIGTERM to the make of mixed goals ends it' $? 143
timeout 60 cat <&7 >"$tmp/output"
is '... and all that it started' $? 0
exec 7<&-

# ... at whichever of its commands
cat >"$tmp/end-at" <<'EOS'
trap '[ $((++commands)) != "$END_AT" ] || { echo "$BASH_COMMAND" >"$REACHED"; kill -TERM $$; }' DEBUG
EOS
: >"$tmp/reached"
for ((at = 1; at < 100; at++)); do
	END_AT=$at REACHED=$tmp/reached BASH_ENV=$tmp/end-at src/engine/lock "$o" true >"$tmp/said" 2>&1 6>&- &
	timeout 60 cat "$tmp/said" >"$tmp/output" || break
	[[ $(<"$tmp/reached") != *SECONDS\ * ]] || break
done
# shellcheck disable=SC2016 # a command
is '... and wherever it is, nothing waits on' "$(<"$tmp/reached")" '[ $SECONDS -ge "$seconds" ]'
exec 6>&-

# Defconfigs
for config in configs/*_defconfig; do
	fresh
	lab "${config##*/}" olddefconfig savedefconfig
	is "$config is minimal and survives" "$(cat "$o/defconfig")" "$(grep -v '^#' "$config")"
done

fresh
lab nowhere_defconfig
is 'another one is not there' "$?-$(grep -c 'no configs/nowhere_defconfig; there are .*debug_defconfig' "$tmp/output")" 2-1
ok 'and nothing is written' test ! -e "$o/.config"

# What it names must be there.
fresh
lab defconfig
mv "$o/.config" "$tmp/earlier"
lab dqib_defconfig
echo 'CONFIG_ROOTFS_DQIB_DIR="/nowhere"' >>"$o/.config"
lab -n
ok "a folder of DQIB's that is not there is told, and where to get one" \
	grep -q 'ROOTFS_DQIB_DIR=/nowhere: there is no folder /nowhere: unpack .*https://.* in the menu' "$tmp/output"
mv "$tmp/earlier" "$o/.config"
ok '... and no more with an earlier .config' lab -n

# What the user asked for is not lost in silence
for goal in -n olddefconfig savedefconfig listnewconfig menuconfig; do
	fresh
	lab defconfig
	echo CONFIG_LINUX_TINNY=y >>"$o/.config"
	lab $goal
	is "$goal: an unknown symbol in .config fails" $? 2
	ok "$goal: and is named" grep -q "^$o/.config:[0-9]*: CONFIG_LINUX_TINNY is unknown" "$tmp/output"
done
fresh
lab defconfig
echo CONFIG_VM_Q35=y >>"$o/.config"
lab -n
ok 'a choice with two answers fails' grep -q 'CONFIG_VM_Q35=y: a second answer' "$tmp/output"

# An option that has another name now keeps its value, and that is told.
for goal in -n olddefconfig; do
	fresh
	touch "$tmp/disk"
	printf 'CONFIG_%s\n' ROOTFS_FILE=y "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_DISK_ROOT="/dev/x & 1"' >"$tmp/one.config"
	lab defconfig FRAGMENTS="$tmp/one.config"
	sed -i s/DISK_ROOT/FILE_ROOT/ "$o/.config"
	lab $goal
	is "$goal: an option has another name now" \
		"$?-$(grep '^kiln: ' "$tmp/output")-$(grep '_ROOT=' "$o/.config")" \
		"0-kiln: CONFIG_ROOTFS_FILE_ROOT in $o/.config is called CONFIG_ROOTFS_DISK_ROOT now-CONFIG_ROOTFS_DISK_ROOT=\"/dev/x & 1\""
	lab $goal
	is '... which is told once' "$?-$(grep -c '^kiln: ' "$tmp/output")" 0-0
done
is 'each of these names is one of the menu' "$(sed '/^#/d; s/.*	//' src/engine/renamed | while read -r name; do
	grep -qx "config $name" Kconfig recipes/{*,vm/devices/*}/Kconfig || echo "$name"
done)" ''

# A later line about an option counts.
fresh
lab defconfig
echo CONFIG_LINUX_BZIMAGE=y >>"$o/.config"
ok 'a line may be appended to .config' lab -n
ok 'and counts' grep -q bzImage "$tmp/output"
ok '.config then has it once' test 1 = "$(grep -c LINUX_BZIMAGE "$o/.config")"

# Fragments
printf 'CONFIG_VM_Q35=y\nCONFIG_VM_MEMORY=300' >"$tmp/one.config"
echo CONFIG_VM_CPUS=2 >"$tmp/two.config"
fresh
lab defconfig FRAGMENTS="$tmp/one.config $tmp/two.config"
is 'fragments are merged over a defconfig' \
	"$(grep -cx -e CONFIG_VM_Q35=y -e CONFIG_VM_MEMORY=300 -e CONFIG_VM_CPUS=2 "$o/.config")" 3
ok 'and survive' lab -n
echo CONFIG_VM_PC=y >>"$tmp/two.config"
rm "$o/.config"
lab defconfig FRAGMENTS="$tmp/one.config $tmp/two.config"
is 'two answers in them fail' "$?-$(grep -c "^$tmp/two.config:2: CONFIG_VM_PC=y: a second answer" "$tmp/output")" 2-1
ok 'and nothing is written' test ! -e "$o/.config"
lab default_defconfig FRAGMENTS="$tmp/nowhere"
is 'a fragment that is not there fails' "$?-$(grep -c "$tmp/nowhere" "$tmp/output")" 2-1
lab linux FRAGMENTS="$tmp/one.config"
is 'so do fragments that nobody reads' "$?-$(grep -c 'only defconfig' "$tmp/output")" 2-1

# A hand-edited .config
fresh
lab defconfig
lab -n
ok 'by default no bzImage' test 0 = "$(grep -c bzImage "$tmp/output")"
sed -i 's/.*LINUX_BZIMAGE.*/CONFIG_LINUX_BZIMAGE=y/' "$o/.config"
lab -n
ok 'a hand-edited .config counts at once' grep -q bzImage "$tmp/output"
sed -i 's/.*CONFIG_VM_SHARES.*/CONFIG_VM_SHARES="\/srv,\/srv"/' "$o/.config"
lab -n
ok 'and what follows from it' grep -qx CONFIG_VM_9P=y "$o/.config"
sed -i '/CONFIG_VM_SHARES/d' "$o/.config"
lab -n
is '... and no more from it' "$?-$(grep -c CONFIG_VM_9P "$o/.config")" 0-0

# One that is edited while conf completes what it has read: just before it renames
cat >"$tmp/edit.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

int rename(const char *from, const char *to)
{
	int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");

	unsetenv("LD_PRELOAD");
	return system(getenv("EDIT")) ? -1 : next(from, to);
}
END
cc -shared -fPIC -o "$tmp/edit.so" "$tmp/edit.c" -ldl
cat >"$tmp/edit" <<END
#!/bin/sh -e
rm "$tmp/edit"
sed 's/\(VM_MEMORY=\).*/\1333/' "$o/.config" >"$tmp/edited"
mv "$tmp/edited" "$o/.config"
END
chmod +x "$tmp/edit"
mv "$o/host/kconfig/conf" "$o/host/kconfig/real-conf"
cat >"$o/host/kconfig/conf" <<END
#!/bin/sh
[ ! -e "$tmp/edit" ] || export LD_PRELOAD="$tmp/edit.so" EDIT='[ ! -e "$tmp/edit" ] || "$tmp/edit"'
exec "$o/host/kconfig/real-conf" "\$@"
END
chmod +x "$o/host/kconfig/conf"
echo CONFIG_VM_CPUS=2 >>"$o/.config"
ok 'an edit while conf runs' lab -n
ok '... which came' test ! -e "$tmp/edit"
is '... is not lost' "$(grep -cx -e CONFIG_VM_MEMORY=333 -e CONFIG_VM_CPUS=2 "$o/.config")" 2
is '... and counts' "$(grep -cx -e CONFIG_VM_MEMORY=333 "$o/include/config/auto.mk")" 1

# Free text reaches the program that reads it, and only that.
fresh
lab defconfig
# shellcheck disable=SC2016 # nothing here is to be expanded
text='a$(id -u) $HOME ${PATH} #b '\''c'\'' \d `e` 100% *'
sed -i '/CONFIG_VM_APPEND/d' "$o/.config"
printf 'CONFIG_VM_APPEND="%s"\n' "${text//\\/\\\\}" >>"$o/.config"
lab -n
is 'free text is stored as it is' "$(sed -n 's/^CONFIG_VM_APPEND=//p' "$o/include/config/auto.conf")" "$text"
ok 'and kept from make' test 0 = "$(grep -c VM_APPEND "$o/include/config/auto.mk")"
mkdir "$o/vm"
cp "$LAB"/vm/{devices,processor} "$o/vm/"
words=$("$o/host/vm" -O "$o" run --print)
ok 'it reaches the command line of the kernel' grep -qF "$text" <(eval "printf '%s\n' $words")
touch -d '2020-01-01' "$o/include/config/VM_APPEND" "$o/include/config/VM_MEMORY"
sed -i 's/^CONFIG_VM_APPEND=.*/CONFIG_VM_APPEND="other"/' "$o/.config"
lab -n
ok 'a new text touches the file of its symbol' test "$o/include/config/VM_APPEND" -nt "$o/include/config/VM_MEMORY"

# One make at a time
fresh
lab defconfig
mkfifo "$tmp/release"
KILN_LOCK="$o" src/engine/lock "$o" cat "$tmp/release" &
holder=$!
until [ "$(cat "$o/.lock" 2>/dev/null)" = $holder ]; do :; done
KILN_LOCK_WAIT=1 lab linux
is 'a second make is refused after a while' $? 2
ok 'and says for whom it waited' grep -q "waiting for process $holder, .*/o" "$tmp/output"
ok '-n waits for nobody' timeout 100 make O="$o" LINUX_DIR="$linux" -n
(lab --trace clean; echo $? >"$tmp/status") &
waiter=$!
echo >"$tmp/release"
wait $waiter
is 'it goes on when the first has ended' "$(cat "$tmp/status")" 0
echo 12345 >"$o/.lock"
ok 'a lock that nobody holds blocks nobody' timeout 100 make O="$o" clean

# Folders whose names make or Kbuild cannot handle, and others
mkdir -p "$tmp/top/src"
cp -r Makefile recipes "$tmp/top"
cp -r src/engine "$tmp/top/src"
while IFS= read -rn1 odd; do
	make O="$tmp/a${odd}b" defconfig >"$tmp/output" 2>&1
	is "O= with a $odd is refused" \
		"$?-$(grep -c 'in O=.*: the kernel cannot be built there' "$tmp/output")" 2-1
	mv "$tmp"/top* "$tmp/top$odd"
	make -C "$tmp/top$odd" O="$tmp/ab" defconfig >"$tmp/output" 2>&1
	is 'so is the checkout' "$?-$(grep -c "top.*: the kernel cannot be built there" "$tmp/output")" 2-1
done < <(printf %s " :;,=%#\$'\"\`\\&()<>|*?[]{}!~")
is 'and nothing made' "$(cd "$tmp" && find . -maxdepth 1 -name 'a*')" ''
fresh
mv "$o" "$tmp/ä+@"
ok 'O= with a letter that is not ASCII works' make O="$tmp/ä+@" LINUX_DIR="$linux" defconfig
ok 'to the end' test -e "$tmp/ä+@/.config"

# What is not ours stays
fresh
lab defconfig
echo mine >"$o/mine"
lab distclean
is 'distclean leaves what is not ours' "$(ls -A "$o")" mine

finish
