#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules are built in a copy of kmod/, which is what kmod/ is, on a fake kernel.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

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

# shellcheck disable=SC2317 # ok calls it
says_no_types()
{
	! "$@" 2>"$tmp/said" && grep -q '^modules: a.ko has no types' "$tmp/said"
}

mkdir kmod/other
echo 'obj-m := other.o' >kmod/other/Kbuild
echo 'int fake_other;' >kmod/other/other.c
find kmod | sort >"$tmp/before"
make -s defconfig >"$tmp/output"
(unset HOME; run) || cat "$tmp/output"
ok 'kmod/ holds what it held' diff "$tmp/before" <(find kmod | sort)
ok 'the modules are in the root' test -e out/modules/root/lib/modules/6.12.1/updates/other.ko

# Types are there where the kernel has them, or it is said.
mkdir "$tmp/typed"
echo 'int a;' | cc -xc -c -o "$tmp/typed/a.ko" -
ok 'a module without types is named' says_no_types recipes/modules/typed "$tmp/typed"
objcopy --add-section .BTF=/etc/hostname "$tmp/typed/a.ko"
ok 'one with types is not' recipes/modules/typed "$tmp/typed"
echo CONFIG_DEBUG_INFO_BTF_MODULES=y >>out/linux/build/.config
recipes/modules/kbuild "$tmp/kbuild" "$PWD/out/linux/build" true
ok 'whoever builds for such a kernel looks' grep -q recipes/modules/typed "$tmp/kbuild"
sed -i '$d' out/linux/build/.config

rm -r kmod/include

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

# A header that modules share
mkdir kmod/include
echo '/* one */' >kmod/include/shared.h
run
ok 'a header that no module includes is not copied' test ! -e out/modules/include
# shellcheck disable=SC2016 # make's
echo 'ccflags-y := -I$(src)/../include' >>kmod/other/Kbuild
run modules M=other
is 'one that a module includes is copied before that is built' "$(ran)" 'modules:include modules:other '
run
echo '/* two */' >>kmod/include/shared.h
run modules M=hello
is '... and no concern of another module' "$(ran)" ''
run
is '... edited, it builds those that include it' "$(ran)" \
	'modules:include modules:install modules:other rootfs:list rootfs:pack vm:script '
ok '... as it is now' grep -q two out/modules/include/shared.h
echo 'obj-m := other.o' >kmod/include/Kbuild
run modules
is '... and its folder is no module' $? 2
rm -r kmod/include
sed -i '/ccflags/d' kmod/other/Kbuild
run

run -n reload M=other
is 'make -n tells how one is loaded anew' "$?-$(grep -c 'reload -- other' "$tmp/output")" 0-1

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

# What a folder may hold, and what comes of it
updates=out/modules/root/lib/modules/6.12.1/updates
mkdir "$base/.git" "$base/a folder"
# shellcheck disable=SC2016 # a name
for name in 'a b.txt' 'c#d.txt' 'e:f.txt' 'g,h$i.txt' 'ä.txt' 'a folder/j.txt' .git/config; do
	echo "$name" >"$base/$name"
done
printf '%s\n' 'obj-m := base.o blobs.o' 'blobs-y := part.o blob.o' >"$base/Makefile"
echo 'int fake_part;' >"$base/part.c"
echo blob | ld -r -b binary /dev/stdin -o "$base/blob.o"
run || cat "$tmp/output"
is 'files with odd names are copied, hidden ones are not' \
	"$(cd out/modules/base && find . -name '*.txt' -o -name .git | LC_ALL=C sort)" \
	"$(cd "$base" && find . -name '*.txt' | LC_ALL=C sort)"
ok 'an object without a source is one' cmp "$base/blob.o" out/modules/base/blob.o
run
ok '... then nothing is done' grep -q 'Nothing to be done' "$tmp/output"
echo more >>"$base/a b.txt"
run
is 'one of them is edited' "$(ran | grep -o modules:base)-$(tail -n 1 'out/modules/base/a b.txt')" modules:base-more
rm "$base/e:f.txt"
run
is '... or gone' "$(ran | grep -o modules:base)-$(find out/modules/base -name 'e:f*')" modules:base-

mv "$base/base.c" "$base/ground.c"
sed -i 's/base.o blobs.o/ground.o/' "$base/Makefile"
run || cat "$tmp/output"
is 'a module that has another name now is not in the root by the old one' "$(cd $updates && echo *)" \
	'ground.ko hello.ko other.ko user.ko'

# By an absolute name of the other folder
mkdir "$tmp/outside"
echo '0x0 outside none EXPORT_SYMBOL' >"$tmp/outside/Module.symvers"
printf '%s\n' "KBUILD_EXTRA_SYMBOLS := $base/Module.symvers $tmp/outside/Module.symvers" 'obj-m := user.o' >"$user/Kbuild"
run modules M=user
is 'symbols of a folder that is named in full are those of its copy' \
	"$?-$(grep -o 'build out/include.*' out/modules/.user | cut -d ' ' -f 6-7)" \
	"0-$PWD/out/modules/base/Module.symvers $tmp/outside/Module.symvers"
echo '/* edited */' >>"$base/ground.c"
run modules M=user
is '... which is built first' "$(sed -nE 's/^  modules +(base|user)( .*)?$/\1/p' "$tmp/output" | tr '\n' ' ')" 'base user '

# What is said, and where
sed -i '/MODULES_ARGS/d' out/.config
echo "CONFIG_MODULES_ARGS=\"FAKE_ONE=1 FAKE_TWO='2 3'\"" >>out/.config
# shellcheck disable=SC2016 # make's
echo '$(shell echo "$(FAKE_ONE)-$(FAKE_TWO)" >&2)' >>"$base/Makefile"
run modules M=base
is "variables for the module's make" "$?-$(grep -c '^1-2 3$' out/modules/base.log)" 0-1
for value in 'one' "A='b"; do
	sed -i "s/MODULES_ARGS=.*/MODULES_ARGS=\"$value\"/" out/.config
	run modules M=base
	is "... of which $value is none" "$?-$(grep -c 'modules: CONFIG_MODULES_ARGS has .*: write NAME=VALUE' "$tmp/output")" 2-1
done
sed -i '/MODULES_ARGS/d' out/.config
# shellcheck disable=SC2016,SC2028 # make's
echo '$(shell printf "%s\n" "$(src)/ground.c:3:5: error: no" " --> /kiln/kmod/base/ground.rs:3:5" >&2)' >>"$base/Makefile"
run modules M=base
is "an error names the file of the user, Rust's, too" \
	"$(grep -c "^$base/ground.c:3:5: error: no\|^ --> $base/ground.rs:3:5" out/modules/base.log)" 2
printf 'all:\n\t@echo by hand\n' >"$base/Makefile"
run modules M=base
is 'a Makefile that is not for Kbuild is told' \
	"$?-$(grep -c "^modules: $base/Makefile builds nothing for Kbuild.*obj-m" "$tmp/output")" 2-1
echo 'obj-m := user.o' >"$base/Makefile"
echo 'int fake_twice;' >"$base/user.c"
run
is 'a module of two folders is told, and both' \
	"$?-$(grep -c '^modules: user.ko is built in two folders, as out/modules/[bu]*se.*/user.ko and as ' "$tmp/output")" 2-1
mv "$base/user.c" "$base/base.rs"
run
is 'so is Rust where the kernel has none' \
	"$?-$(grep -c "CONFIG_MODULES_FOLDERS: $base is in Rust, which is off in the menu (CONFIG_LINUX_RUST)" "$tmp/output")" 2-1
rm -r "$base"/{base.rs,part.c,blob.o,ground.c,.git,*.txt,a\ folder}
echo 'obj-m := base.o' >"$base/Makefile"
echo 'int fake_base;' >"$base/base.c"
run || cat "$tmp/output"

# A module in a tree of its own
tree=$tmp/tree
mkdir -p "$tree"/{.git,include,drivers/one,drivers/two,tools} "$tree/drivers/two/inner"
(cd "$tree" && rmdir .git && git init -q)
printf '%s\n' '*.o' >"$tree/.gitignore"
echo '/* shared 1 */' >"$tree/include/shared.h"
echo '/* never read */' >"$tree/tools/other.h"
echo stale >"$tree/tools/stale.o"
cat >"$tree/drivers/one/Makefile" <<'EOF'
ifneq ($(KERNELRELEASE),)
ccflags-y := -I$(INC)
obj-m := one.o
else
PWD := $(shell pwd)
all:
	$(MAKE) -C $(KDIR) M=$(PWD) INC=$(PWD)/../../include modules
endif
EOF
# shellcheck disable=SC2016 # make's
printf '%s\n' 'ccflags-y := -I$(PWD)/../../include' '$(shell echo "KDIR=$$KDIR" >&2)' \
	'KBUILD_EXTRA_SYMBOLS := $(src)/../one/Module.symvers' 'obj-m := two.o' >"$tree/drivers/two/Makefile"
echo 'int fake_one;' >"$tree/drivers/one/one.c"
echo 'int fake_two;' >"$tree/drivers/two/two.c"
ln -s include "$tree/headers"
ln -s ../../tools "$tree/drivers/two/kit"
ln -s "$tmp/outside" "$tree/far"
git=(git -c user.name=a -c user.email=a@b -c protocol.file.allow=always)
git init -q "$tmp/library"
mkdir "$tmp/library/inner"
echo '/* of a submodule */' >"$tmp/library/inner/library.h"
(cd "$tmp/library" && git add . && "${git[@]}" commit -qm library)
mkdir -p "$tmp/a-kernel/scripts/kconfig"
touch "$tmp/a-kernel/scripts/kconfig/of-a-kernel.h"
git init -q "$tmp/a-kernel"
(cd "$tmp/a-kernel" && git add . && "${git[@]}" commit -qm kernel)
(cd "$tree" && "${git[@]}" submodule --quiet add "$tmp/library" library && "${git[@]}" submodule --quiet add "$tmp/a-kernel" a-kernel)
echo '/* outside */' >"$tmp/outside/far.h"
find "$tree" -path "$tree/.git" -prune -o -printf '%P %T@ %C@\n' | sort >"$tmp/before"
cp out/.config "$tmp/config"
sed -i '/MODULES_.*FOLDERS/d' out/.config
echo "CONFIG_MODULES_FOLDERS=\"$tree/drivers/one $tree/drivers/two\"" >>out/.config

# holds MODULE TEXT - is it in the module that was built?
holds() { grep -q "$2" "out/modules/$1/$1.ko"; }

run || cat "$tmp/output"
ok "what lies around a module's folder is found, as its Makefile tells the kernel's" holds one 'shared 1'
ok "... by make's PWD, too" holds two 'shared 1'
is '... and where the kernel is' "$(sed -n 's/^KDIR=//p' out/modules/two.log)" "$PWD/out/linux/build"
is 'git tells what belongs to the tree' "$(cd out/modules/one.tree && find . -name stale.o -o -name other.h)" ./tools/other.h
is '... as its submodules do of them, but no kernel' "$(cd out/modules/one.tree && find . -name 'library.h' -o -name of-a-kernel.h)" ./library/inner/library.h
is "a link to a folder is one in the copy, the module's own, too" "$(readlink out/modules/one.tree/headers out/modules/two/kit)-$(
	cat out/modules/two/kit/../headers/shared.h out/modules/two/kit/other.h)" $'include\n../../tools-/* shared 1 */\n/* never read */'
ok '... but for one that leads out of the tree, of which the files come' test -f out/modules/one.tree/far/far.h -a ! -L out/modules/one.tree/far
is 'nothing is written there' "$(find "$tree" -path "$tree/.git" -prune -o -printf '%P %T@ %C@\n' | sort | diff "$tmp/before" -)" ''
ok 'both are in the root' test -e $updates/one.ko -a -e $updates/two.ko
run
ok '... then nothing is done' grep -q 'Nothing to be done' "$tmp/output"
echo '/* shared 2 */' >"$tree/include/shared.h"
run
is 'who reads what is edited in the tree is built' "$(ran | grep -o 'modules:\(one\|two\)' | paste -sd ' ')" 'modules:one modules:two'
ok '... with it' holds two 'shared 2'
echo '/* edited */' >"$tree/tools/other.h"
echo '/* edited */' >"$tree/drivers/two/two.c"
rm "$tree/headers"
run
is 'and of the rest, who is edited' "$(ran | grep -o 'modules:\(one\|two\)' | paste -sd ' ')" modules:two
is '... and a link that is gone goes' "$(ls out/modules/two.tree)" $'drivers\nfar\ninclude\nlibrary\ntools'
rm "$tree/include/shared.h"
run
is 'what is gone is not found any more' "$(ran | grep -o 'modules:\(one\|two\)' | paste -sd ' ')-$(grep -c shared out/modules/one/one.ko)" 'modules:one modules:two-0'
# shellcheck disable=SC2016 # make's
sed -i 's/^\t$(MAKE)/\tfalse && $(MAKE)/' "$tree/drivers/one/Makefile"
run modules M=one
is 'a default goal that fails is told in the log, and Kbuild goes on' \
	"$?-$(grep -c "^the default goal of $tree/drivers/one/Makefile failed" out/modules/one.log)" 0-1
echo '/* shared 3 */' >"$tree/include/shared.h"
echo "CONFIG_MODULES_TREES=\"$tree/drivers $tmp/tree/include\"" >>out/.config
echo '/* edited */' >>"$tree/drivers/one/one.c"
run
is 'the menu may name a smaller tree' "$(cd out/modules/one.tree && echo *)-$(readlink out/modules/one)-$(holds one 'shared 3' || echo none)" \
	one\ two-one.tree/one-none
sed -i "s/MODULES_TREES=.*/MODULES_TREES=\"\"/" out/.config
HOME=$tree/home run modules
is 'a tree with the home folder in it is none' "$(readlink out/modules/one)-$(ls -d out/modules/one.tree 2>/dev/null)" -
(cd "$tree/tools" && seq -f 'file-%g' 20001 | xargs touch)
run modules M=one
is 'one of too many files is none, which is told' \
	"$(grep -c "^$tree/drivers/one comes alone, .* 200[0-9]* files of $tree .*(CONFIG_MODULES_TREES)" out/modules/one.log)-$(ls out/modules/one.tree)" 1-drivers
cp "$tmp/config" out/.config
run

# A folder of 5,000 files with long names: a list of them is longer than one word of a
# shell may be, and than all that a program may be started with.

# cost COMMAND... - prints the milliseconds of CPU that it takes, the least of seven times
cost()
{
	perl -e '
		for (1 .. 7) {
			my ($user, $system) = (times)[2, 3];
			system "@ARGV >/dev/null 2>&1";
			my @now = times;
			my $ms = 1000 * ($now[2] - $user + $now[3] - $system);
			$least = $ms if !defined $least || $ms < $least;
		}
		printf "%d\n", $least' "$*"
}

many=$tmp/yours/many
mkdir "$many"
echo 'obj-m := many.o' >"$many/Kbuild"
echo 'int fake_many;' >"$many/many.c"
name=$(printf '%0100d' 0)
(cd "$many" && seq -f "$name-%g.inc" 5000 | xargs touch)
sed -i "/MODULES_FOLDERS/s,\"\$, $many\"," out/.config
run || cat "$tmp/output"
ok 'a folder of 5,000 files is built' test -e out/modules/root/lib/modules/6.12.1/updates/many.ko
is '... with all of them' "$(find out/modules/many -name "$name-*.inc" | wc -l)" 5000
run
ok '... once' grep -q 'Nothing to be done' "$tmp/output"
rm "$many/$name-4711.inc"
touch -d 2001-02-03 "$many/$name-1.inc.old"
run
is 'one that is gone, and one of long ago, count' "$(ran)" \
	'modules:install modules:many rootfs:list rootfs:pack vm:script '
is '... in the copy, too' "$(ls "out/modules/many/$name-4711.inc" "out/modules/many/$name-1.inc.old" 2>/dev/null)" \
	"out/modules/many/$name-1.inc.old"
with=$(cost make)
sed -i "/MODULES_FOLDERS/s, $many\"\$,\"," out/.config
run
run
without=$(cost make)
look=$(cost find "$many" "$many" out/modules/many -type f -printf '%p:%s:%T@\n')
ok 'make with nothing to do takes as long as they cost to look at' test $((with - without)) -le $((4 * look))
echo "# $with ms of CPU with them, $without ms without; to look at them takes $look ms"

echo 'int fake_more;' >>"$base/base.c"
run modules M=user
is 'M= of one that uses another builds both' "$(ran)" 'modules:base modules:user '
echo 'int fake_most;' >>"$base/base.c"
echo '/* seventh */' >>kmod/hello/hello.c
run module M=base
is 'to be replaced, one comes with those that use it' "$(ran)" 'modules:base modules:user '
sed -i "s,$base/,$tmp/yours/base/../hello," out/.config
mkdir -p "$tmp/yours/hello" "$tmp/yours/again/hello"
echo 'obj-m := hello.o' | tee "$tmp/yours/hello/Kbuild" >"$tmp/yours/again/hello/Kbuild"
echo 'int fake_of_yours;' >"$tmp/yours/hello/hello.c"
run
is 'a folder of yours has the place of one of kmod/' "$?-$(grep -c fake_of_yours out/modules/hello/hello.c)" 0-1
sed -i "s,/hello\"\$,/hello $tmp/yours/again/hello\"," out/.config
run
is 'two of yours of one name are refused' $? 2
ok 'with a sentence' grep -q 'two folders of modules have the same name' "$tmp/output"
sed -i /MODULES_.*FOLDERS/d out/.config
# In the kernel itself: planned, for the fake kernel has no drivers
echo 'CONFIG_MODULES_BUILTIN="hello other"' >>out/.config
(unset LINUX_DIR; run -n linux)
is 'two modules are linked into the kernel' \
	"$(sed -n 's,^recipes/linux/builtin .*/linux/src ,,p' "$tmp/output")" 'kmod/hello kmod/other'
(unset LINUX_DIR; run -n modules)
is '... and are no modules' "$(grep -c 'recipes/modules/copy kmod/' "$tmp/output")" 0
(unset LINUX_DIR; run modules M=hello)
ok '... which is told' grep -q 'M=hello is in the kernel itself' "$tmp/output"
sed -i 's/hello other"/hello none"/' out/.config
(unset LINUX_DIR; run -n linux)
ok 'one that is nowhere is named' grep -q 'CONFIG_MODULES_BUILTIN: there is no none in' "$tmp/output"
sed -i /MODULES_.*BUILTIN/d out/.config
run

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
ok '... and nothing else' grep -q 'WATCH=run: must be reload or test' "$tmp/output"

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
