#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make coverage tells which lines ran in the machines of a test run, and which lines of a git
# difference did not: for modules in the user's own files, for folders of the kernel.
#
# Needs: lab alone

# shellcheck disable=SC2016,SC2317 # what other shells expand; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

grep -qsx CONFIG_GCOV_KERNEL=y "$LAB/linux/build/.config" || skip_all 'this kernel does not count lines (LINUX_GCOV)'

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
source=$(source_word)
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@test \
	GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@test
copy_checkout "$tmp/checkout"
cd "$tmp/checkout" || exit 1
for folder in kmod/*/; do
	[[ $folder == kmod/hello/ || $folder == kmod/include/ ]] || rm -r "$folder"
done
cp "$LAB/.config" "$tmp/config"
cleanup()
{
	cp "$tmp/config" "$LAB/.config"
	rm -rf "$tmp"
}
trap cleanup EXIT

# Ten lines that are counted; without a parameter seven of them run.
yours=$tmp/yours
mkdir -p "$yours"/{ten,two}
git init -q "$yours"
echo 'obj-m := ten.o' >"$yours/ten/Kbuild"
cat >"$yours/ten/ten.c" <<'EOF'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

static int how;
module_param(how, int, 0444);

static int __init ten_init(void)
{
	if (how == 1)
		pr_info("one\n");
	if (how == 2)
		pr_info("two\n");
	if (how == 3)
		pr_info("three\n");
	return 0;
}
module_init(ten_init);

static void __exit ten_exit(void)
{
}
module_exit(ten_exit);

MODULE_DESCRIPTION("Ten lines");
MODULE_LICENSE("GPL");
EOF
cat >"$yours/ten/ten.t" <<'EOF'
#!/bin/sh
modprobe ten && rmmod ten && echo ok 1
echo 1..1
EOF
# Another test of the same module.
cat >"$yours/two/two.t" <<'EOF'
#!/bin/sh
modprobe ten how=2 && echo ok 1
echo 1..1
EOF
cp "$yours/ten/ten.c" "$yours/two/two.c"
printf '%s\n' 'GCOV_PROFILE := n' 'obj-m := two.o' >"$yours/two/Kbuild"
chmod +x "$yours"/*/*.t
git -C "$yours" add .
git -C "$yours" commit -qm one

sed -i /MODULES_FOLDERS/d "$LAB/.config"
echo "CONFIG_MODULES_FOLDERS=\"$yours/ten $yours/two\"" >>"$LAB/.config"

# coverage VARIABLE... - sets $status; what was said is in $tmp/said
coverage()
{
	timeout 600 make O="$LAB" "$source" coverage "$@" >"$tmp/said" 2>&1 </dev/null
	status=$?
}

said()
{
	grep -qE -e "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

# not_run - the lines that are said to be in the difference, and not to have run
not_run()
{
	sed -n '1,/^lines of this git difference that no test ran:$/d; s/^.*\/yours\/\(.*:[0-9]*\)$/\1/p' "$tmp/said" |
		paste -sd ' '
}

coverage M=ten
is 'ten lines, of which seven run' "$status" 0
ok '... are 70 %' said "^  70\.0 %      7 of    10  $yours/ten/ten.c$"
ok '... of all that is asked for' said '^  70\.0 %      7 of    10  all$'
is '... the others are those of the newest commit that no test ran' "$(not_run)" \
	'ten/ten.c:10 ten/ten.c:12 ten/ten.c:14'
ok 'lcov has the page' grep -q 'title>.*ten/ten.c' "$LAB/coverage$yours/ten/ten.c.gcov.html"
ok '... with the source' grep -q 'pr_info.*three' "$LAB/coverage$yours/ten/ten.c.gcov.html"
ok '... and an index' grep -q '70.0' "$LAB/coverage/index.html"

coverage
is 'two machines ran lines of the same module' "$status" 0
ok '... which are eight together' said "^  80\.0 %      8 of    10  $yours/ten/ten.c$"
ok '... beside those of another one, by its own name' said '^ 100\.0 % +[0-9]+ of +[0-9]+  kmod/hello/hello.c$'
ok '... and of the kernel' said '^ +[1-9][0-9.]+ % .* [1-9][0-9]* of .*/kernel/locking/mutex.c$'
ok "... a file as well as a folder" said ' of .*/lib/string_helpers.c$'
is '... and nothing else' "$(grep ' % ' "$tmp/said" | grep -vcE "yours/ten/ten.c|kmod/hello/|/kernel/locking/|/lib/string_helpers.c| all$")" 0
is '... what no machine ran is left' "$(not_run)" 'ten/ten.c:10 ten/ten.c:14'

sed -i 's/three/3/' "$yours/ten/ten.c"
coverage CMD='modprobe ten how=1; exit 3'
is "a command: the status is told" "$status $(grep -c '^make coverage: status 3$' "$tmp/said")" '2 1'
ok '... and what it ran' said "^  60\.0 %      6 of    10  $yours/ten/ten.c$"
ok '... of the modules that were there' eval '! said kmod/hello'
is '... the difference is what is not committed' "$(not_run)" ten/ten.c:14
git -C "$yours" commit -qam two
coverage CMD='modprobe ten how=3; rmmod ten' BASE=HEAD^
ok 'a difference of which all ran' said '^all lines of this git difference that are counted ran$'
coverage CMD='modprobe ten' BASE=nothing
ok 'BASE= of no commit is refused' said '^coverage: BASE=nothing: no git repository'
ok '... before anything runs' test ! -e "$LAB/coverage/vm"
coverage M=ten CMD=true B=execs
ok 'a module and a program at once are refused' said 'M=ten is a module and B=execs an eBPF program'

coverage CMD='echo c >/proc/sysrq-trigger; sleep 100'
ok 'a machine that panics has no counts, which is said' said '^coverage: .*ended before its counts were read'
ok '... and no report is made of it' test ! -e "$LAB/coverage/index.html"
finish
