#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make gdb: what it says where it cannot work, on a small program in place of the
# kernel; then, if this lab's kernel has debugging information, real sessions.
#
# Needs: lab alone
#
# shellcheck disable=SC2317 # ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset KILN_CORE KILN_GDBARGS
lab=$tmp/lab
bin=$tmp/bin

# compile OPTION...
compile()
{
	mkdir -p "$lab/linux/build" "$lab/vm" "$bin"
	echo 'int main(void) { return 0; }' | gcc -x c "$@" -o "$lab/linux/build/vmlinux" -
}

# fake_gdb VERSION WORDS - one that answers so
fake_gdb()
{
	cat >"$bin/gdb" <<-EOF
		#!/bin/sh
		[ "\$1" != --version ] || { echo 'GNU gdb (Fake) $1'; exit; }
		echo '$2'
	EOF
	chmod +x "$bin/gdb"
}

# says ARGUMENT... - what the script says, in one line
says()
{
	PATH=$bin:$PATH src/commands/gdb/gdb "$lab" "$@" 2>&1 </dev/null | paste -sd ' '
}

says_without_gdb()
{
	local tool

	mkdir "$tmp/tools"
	for tool in bash readelf realpath; do
		ln -s "$(command -v $tool)" "$tmp/tools"
	done
	PATH=$tmp/tools src/commands/gdb/gdb "$lab" 2>&1
}

mkdir -p "$lab" "$bin"
is 'no gdb' "$(says_without_gdb)" 'gdb: it is not installed; make deps installs it'
fake_gdb 9.2 42
is 'one that is too old' "$(says)" \
	'gdb: version 9.2 is too old, 10.1 or later is needed to read this kernel'
fake_gdb 13.1 'Python scripting is not supported in this copy of GDB.'
is 'one without Python' "$(says)" \
	'gdb: this gdb was built without Python, which the helpers need; install the full gdb (make deps)'
fake_gdb 13.1 42
is 'nothing is built' "$(says)" "gdb: nothing is built in $lab yet; run make first"
compile
touch "$lab/linux/build/.config"
is 'a kernel without debugging information' "$(says)" \
	'gdb: this kernel has no debug information; turn LINUX_DEBUG_INFO on (make menuconfig, Linux kernel, Debugging)'
echo CONFIG_DEBUG_INFO=y >"$lab/linux/build/.config"
is 'a stripped one' "$(says)" \
	"gdb: $lab/linux/build/vmlinux was stripped of its debug information; remove it and run make"
compile -g
is 'no machine' "$(says)" "gdb: no machine runs in $lab; make start or make run starts one"
is 'no dump' "$(says "$tmp/none")" \
	"gdb: there is no $tmp/none; make dump writes one, and so does a panic with VM_DUMP in the menu"
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1)' "$lab/vm/gdb"
is 'another gdb is there' "$(flock "$lab/vm" bash -c "$(declare -f says); $(declare -p lab bin); says")" \
	"gdb: another gdb is already connected to the machine in $lab"
rm "$bin/gdb"
ok 'a machine that is gone' grep -q 'kiln: cannot reach the machine: .*Connection refused' <(says)

lab=$LAB
cross=$(processor cross)
has()
{
	grep -qx "CONFIG_$1=y" "$LAB/linux/build/.config"
}
if ! has DEBUG_INFO || ! has GDB_SCRIPTS || [ ! -e "$LAB/modules/hello/hello.ko" ]; then
	result 0 'sessions # SKIP this lab has no debugging information, no helpers for gdb or no hello'
	finish
fi

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR
source=$(source_word)
trap '"$LAB/host/vm" -O "$lab" stop 2>/dev/null; rm -rf "$tmp"' EXIT

# session LINE... - runs gdb with these commands; what it says is in $tmp/said
session()
{
	printf '%s\n' "$@" >"$tmp/commands"
	KILN_GDBARGS="-batch -x '$tmp/commands'" timeout 120 src/commands/gdb/gdb "$lab" \
		>"$tmp/said" 2>&1 </dev/null
}

# Begins a session that says `ready` when it has come to that.
begin_session()
{
	rm -f "$tmp/said"
	session "$@" &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		if grep -qs '^ready' "$tmp/said"; then
			return
		fi
		sleep 0.1
	done
}

# said PATTERN
said()
{
	grep -qE "$1" "$tmp/said" || { cat "$tmp/said"; return 1; }
}

guest()
{
	timeout 120 "$LAB/host/vm" -O "$lab" exec -- sh -c "$1"
}

# look_alike OBJCOPY_ARGUMENT... - the same lab with a vmlinux that differs so
look_alike()
{
	lab=$tmp/alike
	rm -rf "$lab"
	mkdir -p "$lab/linux/build"
	ln -s "$LAB/vm" "$lab/vm"
	cp "$LAB/linux/build/.config" "$lab/linux/build"
	"${cross}objcopy" "$@" "$LAB/linux/build/vmlinux" "$lab/linux/build/vmlinux"
	session 'info line start_kernel'
	lab=$LAB
}

# at_terminal LINE... - make gdb as a person runs it, with further lines for expect
# shellcheck disable=SC2016 # expect's
at_terminal()
{
	LAB=$lab timeout 400 expect -c '
		set timeout 100
		proc await {what} {
			expect -re $what return timeout { exit 1 } eof { exit 2 }
		}
		proc go_on {} {
			global env
			send "continue\r"
			await {Continuing\.}
			# Only what runs can be interrupted: gdb says so before.
			exec timeout 120 $env(LAB)/host/vm -O $env(LAB) exec -- true
		}
		proc interrupt {} {
			send "\003"
			await "Program received signal SIGINT"
			await {\(gdb\) }
		}
		spawn make -s O=$env(LAB) gdb
		await {\(gdb\) }
		'"$(printf '%s\n' "$@")"'
		lassign [wait] pid id failed status
		exit $status' && return
	# A gdb that is left holds the machine, and all that comes would wait for it.
	"$LAB/host/vm" -O "$LAB" stop
	return 1
}

ok 'a machine waits for gdb' "$LAB/host/vm" -O "$LAB" --gdb start
is 'its socket is for its owner alone' "$(stat -c '%F %a' "$LAB/vm/gdb")" 'socket 600'
session 'break start_kernel' continue backtrace 'list start_kernel' lx-version kiln-current
ok 'a breakpoint at start_kernel is hit' said '^Breakpoint 1, start_kernel \(\)'
ok 'the backtrace has file and line' said '^#0  start_kernel \(\) at /.*/init/main.c:[0-9]+'
ok 'the source is found' said '[0-9]+.*void start_kernel\(void\)'
ok 'lx-version tells the version' said "^Linux version $(<"$LAB/linux/build/include/config/kernel.release") "
ok 'the current task' said '^0 swapper'

for ((i = 0; i < 300; i++)); do
	if "$LAB/host/vm" -O "$LAB" status | grep -q '^state *up'; then
		break
	fi
	sleep 0.1
done
ok 'it goes on when gdb leaves' guest true
make -s O="$LAB" gdb GDBARGS='-batch -ex lx-dmesg -ex "lx-ps"' >"$tmp/said" 2>&1 </dev/null
ok 'make gdb: lx-dmesg has the kernel'"'"'s log' said '^\[ +0\.[0-9]+\](\[ *T0\])? Linux version'
ok 'lx-ps has the processes' said '1 +init'

ok 'Ctrl-C interrupts the machine, and gdb is at its prompt' at_terminal go_on interrupt go_on interrupt \
	'send "kiln-current\r"' 'await {[0-9]+ [^ ]+, at 0x[0-9a-f]+: }' 'await {\(gdb\) }' \
	'send "quit\r"' 'await {y or n\) }' 'send "y\r"' 'expect eof'
ok '... and when gdb leaves, the machine goes on' guest true
ok 'gdb leaves with its terminal' at_terminal go_on close
ok '... and the machine goes on' guest true

look_alike --adjust-vma=0x10000000
ok 'a kernel that is elsewhere is said to be' said \
	'^kiln: the kernel is not at the addresses that vmlinux has; KASLR moves it, unless LINUX_NO_KASLR is on'
"${cross}objcopy" --dump-section .notes="$tmp/notes" "$LAB/linux/build/vmlinux" "$tmp/ignored"
tr '\000-\377' '\001-\377\000' <"$tmp/notes" >"$tmp/other-notes"
look_alike --update-section .notes="$tmp/other-notes"
ok 'so is one that is another' said '^kiln: the machine runs another kernel than .*; make stop start starts that one'
is 'a debug lab has no KASLR' "$(grep -x CONFIG_RANDOMIZE_BASE=y "$LAB/linux/build/.config")" ''

begin_session 'kiln-break-module hello' 'echo ready\n' continue 'print who' next next \
	'info line greeting_show' 'kiln-module hello' 'delete' detach
ok 'a module is loaded meanwhile' guest 'modprobe hello who=first'
wait $pid
ok 'its init is stopped at before it runs' said '^Temporary breakpoint 1, hello_init \(\) at .*/kmod/hello/hello.c:'
ok 'its parameter is there' said '^.1 = 0x[0-9a-f]+ "first"'
ok 'steps go from line to line' said '^[0-9]+.*debugfs_create_file'
ok 'its sections are listed' said '^0xffff[0-9a-f]+ \.init\.text$'
address=$(guest "sed -n 's/ t greeting_show.*//p' /proc/kallsyms")
ok 'its symbols are where the kernel has them' said "^Line .*kmod/hello/hello.c\" starts at address 0x$address "

# What is there already when gdb comes, then a reload by hand.
begin_session 'break greeting_show' 'echo ready\n' continue 'print who' \
	continue 'print who' 'info symbol hello_exit' 'delete' detach
# Another module takes its place.
ok 'a module is loaded again meanwhile' guest 'cat /sys/kernel/debug/hello/greeting; rmmod hello
	modprobe crash how=none; modprobe hello who=second; cat /sys/kernel/debug/hello/greeting'
wait $pid
ok 'a breakpoint in a module is hit' said '^Breakpoint 1, greeting_show \('
ok '... and its data is right' said '^.1 = 0x[0-9a-f]+ "first"'
ok '... and after the module was loaded again' said '^.2 = 0x[0-9a-f]+ "second"'

if [ -e "$LAB/modules/rust_hello/rust_hello.ko" ]; then
	ok 'a module in Rust is loaded' guest 'modprobe rust_hello'
	session lx-symbols kiln-module 'break rust_hello::{impl#0}::init'
	ok 'its symbols are there' said '^0x[0-9a-f]+ rust_hello +.*/rust_hello.ko$'
	ok 'a function of Rust has file and line' said \
		'^Breakpoint 1 at 0x[0-9a-f]+: file .*/kmod/rust_hello/rust_hello.rs, line [0-9]+\.$'
fi
if [ -e "$LAB/linux/build/samples/rust/rust_minimal.ko" ]; then
	ok "one of the kernel's own is loaded" guest 'modprobe rust_minimal'
	session 'info line rust_minimal::{impl#0}::init'
	ok 'its source is found' said "^Line [0-9]+ of \"$LINUX/samples/rust/rust_minimal.rs\" starts at address "
fi

begin_session 'break hello_exit' 'echo ready\n' continue 'echo stopped\n' 'bt 1' continue
ok 'a module is unloaded' guest 'rmmod hello'
"$LAB/host/vm" -O "$LAB" stop
wait $pid
ok 'its exit was stopped at' said 'hello_exit \(\) at .*/kmod/hello/hello.c:'
ok 'the machine goes while gdb is there' said '^stopped'

# What is edited and loaded again, in a copy of this checkout; and a folder of the
# user's own.
lab=$tmp/o
mine=$tmp/yours/mine
copy_checkout "$tmp/checkout"
show_lab "$lab"
sed -i "s,$LAB/modules,$lab/modules,g" "$lab/modules/kbuild"
mkdir -p "$mine"
echo 'obj-m := mine.o' >"$mine/Kbuild"
printf '%s\n' '#include <linux/module.h>' \
	'static int mine_init(void) { pr_info("mine\n"); return 0; }' \
	'static void mine_exit(void) { }' \
	'module_init(mine_init);' \
	'module_exit(mine_exit);' \
	'MODULE_DESCRIPTION("is elsewhere");' \
	'MODULE_LICENSE("GPL");' >"$mine/mine.c"
sed -i '/MODULES_.*FOLDERS/d' "$lab/.config"
echo "CONFIG_MODULES_FOLDERS=\"$mine\"" >>"$lab/.config"
cd "$tmp/checkout" || exit 1

# reload NAME
reload()
{
	timeout 120 make -s O="$lab" "$source" reload M="$1" >"$tmp/reloaded" 2>&1 </dev/null
}

"$LAB/host/vm" -O "$lab" start
ok 'a module is built and loaded' reload hello
begin_session 'break greeting_show' 'echo ready\n' continue continue delete detach
guest 'cat /sys/kernel/debug/hello/greeting' >"$tmp/ignored"
sed -i -e '0,/^static/s//\n\n\nstatic/' -e 's/"Hello, %s!/"Greetings, %s!/' kmod/hello/hello.c
ok 'it is edited and loaded again' reload hello
is 'the new one runs' "$(guest 'cat /sys/kernel/debug/hello/greeting')" 'Greetings, world!'
wait $pid
{ read -r old; read -r new; } < <(sed -nE 's/^Breakpoint 1, greeting_show .* at .*\/kmod\/hello\/hello.c:([0-9]+)$/\1/p' "$tmp/said")
is 'a breakpoint in it moves with its function' "${new-}" "$((${old:-0} + 3))"
ok '... and shows the source as it is now' grep -qxF "${new-}"$'\t'"$(sed -n "${new:-1}p" kmod/hello/hello.c)" "$tmp/said"

if [ -e "$LAB/modules/rust_hello/rust_hello.ko" ]; then
	ok 'a module in Rust is built and loaded' reload rust_hello
	begin_session 'break rust_hello::{impl#0}::init' 'echo ready\n' continue delete detach
	sed -i '0,/^impl kernel/s//\n\n\nimpl kernel/' kmod/rust_hello/rust_hello.rs
	ok '... and again, when it was edited' reload rust_hello
	wait $pid
	old=$(sed -nE 's/^Breakpoint 1 at .* line ([0-9]+)\.$/\1/p' "$tmp/said")
	ok 'a breakpoint in it moves with its function, too' \
		said "^Breakpoint 1, rust_hello::\{impl#0\}::init .*/kmod/rust_hello/rust_hello.rs:$((${old:-0} + 3))\$"
fi

reload mine
begin_session 'kiln-break-module mine' 'echo ready\n' continue detach
reload mine
wait $pid
ok 'a module of a folder elsewhere has its source there' said "mine_init \\(\\) at $mine/mine.c:2\$"
ok '... which is shown' said '^2.*pr_info'
# LLVM knows mine_init by this name alone.
ok 'a report of the kernel names it, too' grep -q "init_module ($mine/mine.c:2)" \
	<(echo ' init_module+0x0/0x10 [mine]' | recipes/vm/decode "$lab")
"$LAB/host/vm" -O "$lab" stop

finish
