#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules are built in a copy of kmod/, which is what kmod/ is, on a fake kernel.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh
# shellcheck source=src/test/lab.sh
. src/test/lab.sh

run()
{
	make "$@" >"$tmp/output" 2>&1
}

ran()
{
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output" | sort | tr '\n' ' '
}

# Does the copy of hello say so, in source and product?
says()
{
	# shellcheck disable=SC2317 # ok calls it
	grep -q "$1" out/modules/hello/hello.c && grep -q "$1" out/modules/hello/hello.ko
}

for folder in kmod/*/; do
	[ "$folder" = kmod/hello/ ] || rm -r "$folder"
done
mkdir kmod/other
echo 'obj-m := other.o' >kmod/other/Kbuild
echo 'int fake_other;' >kmod/other/other.c
find kmod | sort >"$tmp/before"
make -s defconfig >"$tmp/output"
(unset HOME; run) || cat "$tmp/output"
ok 'kmod/ holds what it held' diff "$tmp/before" <(find kmod | sort)
ok 'the modules are in the root' test -e out/modules/root/lib/modules/6.12.1/updates/other.ko

# A source that goes
echo '/* extra */' >kmod/hello/extra.h
run
ok 'a new file is in the copy' test -e out/modules/hello/extra.h
rm kmod/hello/extra.h
run
ok 'a deleted file leaves the copy' test ! -e out/modules/hello/extra.h
ok 'and the products stay' test -e out/modules/hello/hello.ko

# An edit while it is compiled: this linker waits for us, once.
mkfifo "$tmp/linking" "$tmp/edited"
ld=$(command -v ld)
printf '%s\n' '#!/bin/sh' "echo >$tmp/linking" "read -r _ <$tmp/edited" \
	"rm $tmp/bin/ld" "exec $ld \"\$@\"" >"$tmp/bin/ld"
chmod +x "$tmp/bin/ld"
echo '/* first edit */' >>kmod/hello/hello.c
run modules M=hello &
timeout 20 cat "$tmp/linking" >"$tmp/ignored"
echo '/* second edit */' >>kmod/hello/hello.c
echo | timeout 20 tee "$tmp/edited" >"$tmp/ignored"
wait $!
ok 'what is compiled does not change meanwhile' says 'first edit'
run
ok 'an edit during the compilation is compiled next' says 'second edit'
run
ok 'once' grep -q 'Nothing to be done' "$tmp/output"

# A file of long ago
cp kmod/hello/hello.c "$tmp/old.c"
echo '/* third edit */' >>"$tmp/old.c"
touch -d 2001-02-03 "$tmp/old.c"
mv "$tmp/old.c" kmod/hello/hello.c
run
ok 'a source that gave way to an older one is compiled' says 'third edit'

# One module
echo '/* fourth edit */' | tee -a kmod/hello/hello.c >>kmod/other/other.c
run modules M=hello
is 'M=hello builds that module alone' "$(ran)" 'modules:hello '
ok 'as it is now' says 'fourth edit'
run -C kmod/hello
is 'make in its folder finds nothing to do then' "$(ran)" ''
echo '/* fifth edit */' >>kmod/hello/hello.c
run -C kmod/hello
is 'and does the same after an edit' "$(ran)" 'modules:hello '
ok 'with the same result' says 'fifth edit'
run
is 'make builds the rest' "$(ran)" \
	'modules:install modules:other rootfs:list rootfs:pack vm:script '

# Names
run modules M=hallo
is 'M= of no module is refused' $? 2
ok 'with a sentence' grep -q 'M=hallo: there is no such folder.*only: hello other' "$tmp/output"
mkdir kmod/root
cp kmod/other/Kbuild kmod/root
run modules
is 'a module in whose place the root is is refused' $? 2
ok 'with a sentence' grep -q 'kmod/root: a module cannot have this name' "$tmp/output"
rm -r kmod/root

# A module that uses symbols of another one, in folders of the user's own
user=$tmp/yours/user base=$tmp/yours/base
mkdir -p "$base" "$user/inner"
echo 'obj-m := base.o' >"$base/Makefile"
echo 'int fake_base;' >"$base/base.c"
# shellcheck disable=SC2016 # make's
printf '%s\n' 'KBUILD_EXTRA_SYMBOLS := $(src)/../base/Module.symvers' 'obj-m := user.o' >"$user/Kbuild"
echo 'int fake_user;' >"$user/user.c"
echo '/* deep */' >"$user/inner/user.h"
echo stale >"$user/user.o"
sed -i /MODULES_.*FOLDERS/d out/.config
echo "CONFIG_MODULES_FOLDERS=\"$user $base/\"" >>out/.config
find "$tmp/yours" | sort >"$tmp/before"
# The first make since the menu has got them
run modules M=user
is 'what is used, before what uses it' "$(sed -nE 's/^  modules +(base|user)( .*)?$/\1/p' "$tmp/output" | tr '\n' ' ')" 'base user '
run || cat "$tmp/output"
ok 'your folders are built' test -e out/modules/root/lib/modules/6.12.1/updates/base.ko
ok 'with files in inner folders' test -e out/modules/user/inner/user.h
ok 'without what was built in place' eval '! grep -qx stale out/modules/user/user.o'
ok 'nothing is written to them' diff "$tmp/before" <(find "$tmp/yours" | sort)
run
ok 'then nothing is done' grep -q 'Nothing to be done' "$tmp/output"
echo 'int fake_more;' >>"$base/base.c"
run modules M=user
is 'M= of one that uses another builds both' "$(ran)" 'modules:base modules:user '
echo 'int fake_most;' >>"$base/base.c"
echo '/* seventh */' >>kmod/hello/hello.c
run module M=base
is 'to be replaced, one comes with those that use it' "$(ran)" 'modules:base modules:user '
sed -i "s,$base/,$tmp/yours/base/../hello," out/.config
mkdir "$tmp/yours/hello"
run
is 'two folders of one name are refused' $? 2
ok 'with a sentence' grep -q 'two folders of modules have the same name' "$tmp/output"
sed -i /MODULES_.*FOLDERS/d out/.config
# In Rust
mkdir kmod/crab
echo 'obj-m := crab.o' >kmod/crab/Kbuild
echo '// Rust' >kmod/crab/crab.rs
run modules
ok 'a module in Rust is not built by a lab without' test ! -e out/modules/crab
run modules M=crab
ok 'asked for, it is told why' grep -q 'kmod/crab is in Rust, which is off in the menu' "$tmp/output"
rm -r kmod/crab

# Watched, with its test, in a machine that fails it when the source says so
cat >out/host/vm <<-'EOF'
	#!/bin/sh
	cat >/dev/null
	grep -q 'a bug' "$2/modules/hello/hello.c" && echo not ok 1 - it has no bug && exit 1
	printf '%s\n' 'ok 1 - it has no bug' 1..1
EOF
# await ROUNDS - of the watch
await()
{
	local i

	for ((i = 0; i < 400; i++)); do
		[ "$(grep -c '  hello  ' "$tmp/watch")" -lt "$1" ] || return 0
		sleep 0.05
	done
	return 1
}
: >"$tmp/watch"
timeout 100 make watch M=hello WATCH=test >>"$tmp/watch" 2>&1 &
watcher=$!
await 1
ok 'watch runs the test' grep -qE '^[0-9:]+  hello  ok  [0-9.]+ s  Tests=1$' "$tmp/watch"
echo '/* a bug */' >>kmod/hello/hello.c
await 2
ok '... again when a source is saved' grep -qE '  hello  FAILED .*(not ok 1|Failed)' "$tmp/watch"
sed -i '/a bug/d' kmod/hello/hello.c
await 3
echo '# another' >>kmod/hello/hello.t
await 4
is '... and when the test is' "$(grep -c '  hello  ok' "$tmp/watch")" 3
kill $watcher
make watch M=hello WATCH=run >"$tmp/output" 2>&1
ok '... and nothing else' grep -q 'WATCH=run: it is reload or test' "$tmp/output"

# Several files in one module
printf '%s\n' 'obj-m := other.o' 'other-y := one.o two.o' >kmod/other/Kbuild
rm kmod/other/other.c
echo 'int fake_one;' >kmod/other/one.c
echo 'int fake_two;' >kmod/other/two.c
run || cat "$tmp/output"
echo 'int fake_three;' >kmod/other/two.c
run
ok 'a module of two files is made of both' grep -q fake_three out/modules/other/other.ko
is 'kmod/ is clean' "$(find kmod -name '*.o' -o -name '.*' -o -name '*.ko' -o -name 'modules.*')" ''

finish
