#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules are replaced in a running machine: with those that use them, with what
# they had, or not at all.
#
# Needs: lab

# shellcheck disable=SC2016,SC2317 # make's and the guest's; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

[ -e "$LAB/modules/kbuild" ] || skip_all 'this lab has no modules'

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
source=$(source_word)
o=$tmp/o
yours=$tmp/yours
copy_checkout "$tmp/checkout"
show_lab "$o"
cd "$tmp/checkout" || exit 1

vm()
{
	timeout 60 "$LAB/host/vm" -O "$o" "$@"
}

cleanup()
{
	[ -z "${watcher-}" ] || kill "$watcher" 2>/dev/null
	vm stop
	rm -rf "$tmp"
}
trap cleanup EXIT

# reload NAME [VARIABLE]... - sets $status; what was said is in $tmp/said
reload()
{
	local name=$1

	shift
	timeout 100 make O="$o" "$source" reload M="$name" "$@" >"$tmp/said" 2>&1
	status=$?
}

# The kernel's messages of the modules, without times, in one line
messages()
{
	sed -nE 's/^\[[ 0-9.]+\] ((base|user|hello): .*)/\1/p' "$tmp/said" | grep -v taint | paste -sd ' '
}

said()
{
	grep -q -e "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

# await COMMAND... - until it succeeds
await()
{
	local i

	for ((i = 0; i < 400; i++)); do
		if "$@" 2>/dev/null; then
			return
		fi
		sleep 0.05
	done
	return 1
}

# write_base NUMBER END - what it exports, and the end of its start
write_base()
{
	printf '%s\n' '#include <linux/module.h>' \
		'int base_number(void);' \
		"int base_number(void) { return $1; }" \
		'EXPORT_SYMBOL_GPL(base_number);' \
		"static int __init base_init(void) { pr_info(\"base: up\\n\"); $2; }" \
		'static void __exit base_exit(void) { pr_info("base: down\n"); }' \
		'module_init(base_init);' \
		'module_exit(base_exit);' \
		'MODULE_DESCRIPTION("has a number");' \
		'MODULE_LICENSE("GPL");' >"$yours/base/base.c"
}

mkdir -p "$yours"/{base,my-user}
echo 'obj-m := base.o' >"$yours/base/Kbuild"
write_base 1 'return 0'
printf '%s\n' 'KBUILD_EXTRA_SYMBOLS := $(src)/../base/Module.symvers' 'obj-m := my-user.o' >"$yours/my-user/Kbuild"
printf '%s\n' '#include <linux/module.h>' \
	'int base_number(void);' \
	'static char *title = "nobody";' \
	'module_param(title, charp, 0444);' \
	'static int __init user_init(void) { pr_info("user: %s has %d\n", title, base_number()); return 0; }' \
	'static void __exit user_exit(void) { pr_info("user: gone\n"); }' \
	'module_init(user_init);' \
	'module_exit(user_exit);' \
	'MODULE_DESCRIPTION("uses the number");' \
	'MODULE_LICENSE("GPL");' >"$yours/my-user/my-user.c"
sed -i '/MODULES_.*FOLDERS/d' "$o/.config"
echo "CONFIG_MODULES_FOLDERS=\"$yours/base $yours/my-user\"" >>"$o/.config"

reload hello
is 'no machine: it fails' "$status" 2
ok '... and names the way to one' said 'no machine runs.*make start'
reload hallo
ok 'M= of no module is refused' said 'M=hallo: there is no such folder'
make O="$o" reload >"$tmp/said" 2>&1
ok 'without M= it says what it wants' said 'make reload needs M=NAME'

# At once, while the root's init still mounts
vm start
reload hello PARAMS='who="you $(x) #1"'
is 'a module that was not loaded is' "$status: $(messages)" '0: hello: Hello, you $(x) #1!'
sed -i 's/Goodbye/Farewell/' kmod/hello/hello.c
reload hello
is 'one that is loaded gives way to the new one' "$(messages)" 'hello: Goodbye, you $(x) #1. hello: Hello, world!'
reload hello
is '... which is there' "$(messages)" 'hello: Farewell, world. hello: Hello, world!'
is 'only what is needed is built' "$(grep -c '^  [a-z]' "$tmp/said")" 0
ok 'modprobe finds the new one, too' vm exec -- grep -q Farewell \
	"/lib/modules/$(<"$LAB/linux/build/include/config/kernel.release")/updates/hello.ko"

# Modules that use each other
reload my-user PARAMS='title="a b"'
is 'what a module needs is loaded before' "$(messages)" 'base: up user: a b has 1'
write_base 2 'return 0'
reload base
is 'what uses it goes first and comes back with its parameters' "$(messages)" \
	'user: gone base: down base: up user: a b has 2'

# It does not load
write_base 3 'return -EDOM'
reload base
is 'a new one that does not load: it fails' "$status" 2
is '... and what was loaded comes back' "$(messages)" \
	'user: gone base: down base: up base: up user: a b has 2'
ok "... with the kernel's reason" said 'base: the kernel rejects the module: .*; the old modules are loaded again'
sed -i 's/return -EDOM/retrn 0/' "$yours/base/base.c"
reload base
is 'one that does not compile: it fails' "$status: $(messages)" '2: '
ok '... with the reason' said 'base.c:5:.*error:'
write_base 4 'WARN(1, "base: as asked for\n"); return 0'
reload base
is 'one that makes the kernel complain: it fails' "$status" 2
ok '... with the title' said 'the kernel complained: WARNING: .*\(base_init\|init_module\)'
ok '... and its status' said 'status 254'
ok '... but it is loaded' said 'user: a b has 4'

# It is in use
"$LAB/host/vm" -O "$o" exec -- sh -c 'echo $$; exec sleep 1000 </sys/kernel/debug/hello/greeting' >"$tmp/pid" &
user=$!
await [ -s "$tmp/pid" ]
reload hello
is 'one that is in use stays' "$status: $(messages)" '2: '
ok '... and it is said by whom' said \
	"hello is in use: process $(<"$tmp/pid") (sleep) has /sys/kernel/debug/hello/greeting open"
kill $user
wait $user 2>/dev/null
await vm exec -- sh -c "! [ -e /proc/$(<"$tmp/pid") ]"

# The lock is for building
exec {lock}<>"$o/.lock"
flock "$lock"
ok 'a make that works in the lab does not hold up what is loaded' vm reload hello
flock -u "$lock"

# Whenever a source is saved
rounds()
{
	grep -c '  hello  ' "$tmp/watch"
}

has_rounds()
{
	[ "$(rounds)" -ge "$1" ]
}

timeout 100 make O="$o" "$source" watch M=hello >"$tmp/watch" 2>&1 &
watcher=$!
await has_rounds 1
sed 's/Hello, %s/Hi, %s/' kmod/hello/hello.c >"$tmp/hello.c"
mv "$tmp/hello.c" kmod/hello/hello.c
await has_rounds 2
ok 'watch: a source that is saved is loaded' \
	grep -qE '^[0-9:]+  hello  ok  [0-9.]+ s  hello: Hi, world!$' "$tmp/watch"
touch kmod/hello/{.hello.c.swp,hello.c~}
for i in 1 2 3 4 5; do
	echo "/* $i */" >>kmod/hello/hello.c
done
echo 'broken' >>kmod/hello/hello.c
await has_rounds 3
is 'watch: what comes together is one round' "$(rounds)" 3
ok 'watch: what does not compile is shown as it is named' \
	grep -qE '  hello  FAILED .* kmod/hello/hello.c:[0-9:]+ error:' "$tmp/watch"

finish
