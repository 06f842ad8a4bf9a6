#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The engine on toy recipes: which steps run after which change.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

top=$PWD
lab=$tmp/lab
step=$LAB/host/step

# No make above this one, and no flags of it.
unset MAKEFLAGS MAKELEVEL MFLAGS

# toy writes a lab of two recipes, base and user.  A step adds its name to the
# file `ran`, unless the text of the recipe says otherwise.
toy()
{
	rm -rf "$lab"
	mkdir -p "$lab/out/host"
	cp -p "$step" "$step.mk" "$lab/out/host/"
	cd "$lab" || exit 1
	echo a >a
	echo b >b
	echo c >c
	cat >Makefile <<-EOF
		O := out
		include $top/src/engine/core.mk toy.mk
		out/host/step: ; cp -p $step \$@
		include $top/src/engine/steps.mk
	EOF
	cat >toy.mk <<-EOF
		base_steps := first second
		base_first_in := a
		base_first_out := out/base/one out/base/two
		define base_first
			echo first >>ran
			cp a out/base/one
			touch out/base/two
		endef
		base_second_in := b
		define base_second
			echo second >>ran
			echo '\$(OPTION)' >out/base/option
		endef
		user_needs := base
		user_steps := left right join
		user_left_after :=
		user_left_in := c
		user_left = echo left >>ran
		user_right_after :=
		user_right = echo right >>ran
		user_join_after := left right
		define user_join
			echo join >>ran
		endef
		\$(call recipe,user,y)
		\$(call recipe,base,y)
		\$(call recipe,off,)
	EOF
}

# ran [MAKE'S ARGUMENTS] - runs make and says which steps ran
ran()
{
	rm -f ran
	make "$@" >output 2>&1
	echo $? >status
	[ ! -e ran ] || tr '\n' ' ' <ran
}

# newer FILE - FILE is edited now; a stamp's date is never in the future
newer()
{
	echo more >>"$1"
}

toy
is 'a fresh lab runs all steps, needs first' "$(ran -j1)" 'first second left right join '
is 'then make has nothing to do' "$(ran)" ''
ok 'and -q agrees' make -q

newer b
is 'an input runs its step and those after it' "$(ran -j1)" 'second left right join '
is 'once' "$(ran)" ''

newer c
is 'steps with the same predecessor do not run each other' "$(ran -j1)" 'left join '

rm out/base/two
is 'a missing product is made again' "$(ran -j1)" 'first second left right join '
ok 'and is there' test -e out/base/two

echo >>out/base/two
is 'so is a product that changed' "$(ran -j1)" 'first second left right join '
is 'from scratch' "$(cat out/base/two)" ''

sed -i '/touch .*two/d; s, out/base/two$,,' toy.mk
ran >ignored
ok 'what is no product any more goes' test -e out/base/one -a ! -e out/base/two

echo C >new
touch -d 2001-02-03 new
mv new c
is 'an older file in place of an input runs its step' "$(ran -j1)" 'left join '

is 'another value of an option runs the step that uses it' \
	"$(ran -j1 OPTION='two $$ # words')" 'second left right join '
is 'the same value does not' "$(ran OPTION='two $$ # words')" ''
is 'and it arrives as it is' "$(cat out/base/option)" 'two $ # words'
ran >ignored

sed -i 's/echo left/: new; echo left/' toy.mk
is 'an edited recipe runs its step' "$(ran -j1)" 'left join '

toy
cat >>toy.mk <<'EOF'
user_left = echo left >>ran; [ '$(OPTION)' != bad ]
EOF
ran >ignored
is 'a step that fails with another value' "$(ran -j1 OPTION=bad)" 'second left '
is 'runs again with the first one' "$(ran -j1)" 'second left right join '

toy
cat >>toy.mk <<'EOF'
base_first_in := folder
base_first_out := out/base/folder
base_first = echo first >>ran; cp -r folder out/base/
EOF
mkdir -p folder/in
echo a | tee folder/in/a >folder/b
ran >ignored
is 'folders as input and product' "$(ran)" ''
rm out/base/folder/in/a
is 'count with all that is in them' "$(ran -j1)" 'first second left right join '
ok 'which is made again' test -e out/base/folder/in/a
echo A >folder/in/a
is 'if anything changes' "$(ran -j1)" 'first second left right join '

toy
echo 'user_right_after := nothing' >>toy.mk
ran >ignored
newer b
is 'a step after nothing does not run again with what its recipe needs' "$(ran -j1)" 'second left join '

# Hostile texts: what make and shells like to eat.
toy
cat >>toy.mk <<'EOF'
define base_second
	echo second >>ran
	# it's "quoted", 100% \ `backticks` $$HOME $$(id -u), a, comma
	-not a command || true
	if true; then
		printf '%s\n' 'a'\''b' "$$((1 + 1))" >out/base/option
	fi
endef
EOF
ran >ignored
is 'a text reaches bash unharmed' "$(cat out/base/option)" $'a\'b\n2'
is 'and equals its stamp' "$(ran)" ''

# -n, -q
toy
make -n >output 2>&1
is '-n says it' "$(grep -c 'echo .* >>ran' output)" 5
ok '-n runs nothing' test ! -e ran -a ! -e out/base
make -q >output 2>&1
is '-q finds work' $? 1
ok '-q runs nothing' test ! -e ran -a ! -e out/base
ran >ignored
make -n >output 2>&1
is '-n after make says that there is nothing to do' "$(grep -c ran output)" 0

# A failing step
toy
sed -i 's/echo first >>ran/echo first >>ran; seq 100; echo cause >\&2; exit 7/' toy.mk
is 'nothing runs after a step that failed' "$(ran -j1)" 'first '
is 'and make fails' "$(cat status)" 2
ok 'the last lines are shown' grep -qx cause output
is 'twenty of them' "$(sed -n '/^82$/,/^cause$/p' output | wc -l)-$(grep -cx 81 output)" '20-0'
ok 'and who failed, how, and where all of it is' \
	grep -qx 'base: first failed with status 7; its output is in out/base/first.log' output
is 'it runs again' "$(ran -j1)" 'first '
sed -i 's/; exit 7//' toy.mk
is 'until it succeeds' "$(ran -j1)" 'first second left right join '

toy
sed -i 's/= echo left >>ran/= exit 1/' toy.mk
is '-k goes on with what does not need the failed step' "$(ran -j1 -k)" 'first second right '
is 'and fails all the same' "$(cat status)" 2

# An input edited while its step runs
toy
sed -i 's/echo second >>ran/echo second >>ran; echo edited >>b/' toy.mk
ran >ignored
is 'an input edited meanwhile runs its step again' "$(ran -j1)" 'second left right join '

# Verbosity is not a change
toy
ran >ignored
is 'V=1 runs nothing again' "$(ran V=1)" ''
toy
ran V=1 -j1 >ignored
ok 'V=1 shows the commands' grep -q '^+ echo first' output
ok 'and what they print, not in a log' test ! -e out/base/first.log
toy
ran -s >ignored
is '-s is silent' "$(cat output)" ''

# The same result whatever -j
toy
ran -j1 >ignored
(cd out && find . -type f ! -name '*.log' ! -name '.*.in' ! -name '.*.out' -exec sha256sum {} + | sort) >../j1
toy
ran -j16 >ignored
(cd out && find . -type f ! -name '*.log' ! -name '.*.in' ! -name '.*.out' -exec sha256sum {} + | sort) >../j16
ok '-j16 gives what -j1 gives' cmp ../j1 ../j16

# Two steps wait for each other, each through a make of its own: they can only
# end when both have job slots.
toy
mkfifo left right
cat >>toy.mk <<-'EOF'
	user_left = $(MAKE) -f pair.mk me=left other=right
	user_right = $(MAKE) -f pair.mk me=right other=left
EOF
cat >pair.mk <<-'EOF'
	pair: send receive
	send: ; @echo >$(other)
	receive: ; @timeout 20 cat $(me)
EOF
is 'steps run side by side and hand their job slots down' \
	"$(ran -j4; cat status)" 'first second join 0'

# Interrupted
toy
mkfifo started
sed -i 's/echo first >>ran/echo first >>ran; echo >started; sleep 1000/' toy.mk
make -j1 >output 2>&1 &
timeout 20 cat started >ignored
sleeper=$(pgrep -P "$(pgrep -P "$(pgrep -P $!)")" sleep)
kill -TERM $!
wait $!
is 'make that is told to end does' $? 143
ok 'with all that it started' test -n "$sleeper" -a ! -e "/proc/$sleeper"
sed -i 's/ echo >started; sleep 1000;*//' toy.mk
is 'the interrupted step runs again' "$(ran -j1)" 'first second left right join '

# What is asked, and of whom
toy
rm out/host/step*
is 'without step -n says so' "$(make -n 2>&1 | sed 's/.*: \*\*\* //')" \
	'there is no usable out/host/step, and -n builds none: run make first.  Stop.'
is '... and builds none' "$(find out)" $'out\nout/host'
is 'make builds it before it asks' "$(ran -j1)" 'first second left right join '
newer b
printf '#!/bin/sh\nexit 2\n' >out/host/step
is 'one that does not know the question is built again' "$(ran -j1)" 'second left right join '
newer b
for end in 'kill -KILL $$' 'exit 1' 'exit 0' 'echo out/base/.second'; do
	printf '#!/bin/sh\n%s\n' "$end" >out/host/step
	is "one that does not answer, $end, ends make" "$(ran)$(cat status)" 2
	ok '... with a sentence' grep -q 'out/host/step did not report which steps to run' output
done
cp -p "$step" out/host/
is 'the next make asks again' "$(ran -j1)" 'second left right join '

mkdir tmp
newer b
export TMPDIR=$lab/tmp
chmod -R a-w out
all() { find . ! -path ./tmp -printf '%p %T@ %C@\n' | sort; }
before=$(all)
make -n >"$tmp/output" 2>&1
make -q >"$tmp/ignored" 2>&1
is 'where nothing can be written -q finds work' $? 1
is '-n does, too' "$(grep -c 'echo .* >>ran' "$tmp/output")" 4
is '... and nothing is left anywhere' "$(all)" "$before"
chmod -R u+w out
ran -j1 >ignored
is 'nor is it after make' "$(ls tmp)" ''
rmdir tmp
is 'make fails where it cannot ask' "$(ran)$(cat status)" 2
unset TMPDIR

toy
is 'make -t is refused' "$(make -t 2>&1 | sed 's/.*: \*\*\* //')" \
	'make -t is not supported: it would mark steps as done that did not run.  Stop.'
ok '... and touches nothing' test ! -e out/base

# Lists longer than one word of a shell can be, which is 128 KiB
toy
mkdir many
name=$(printf '%0100d' 0)
(cd many && seq -f "$name-%g" 5000 | xargs touch)
cat >>toy.mk <<'EOF'
user_left_in := $(wildcard many/*)
user_left_out := out/user/left
user_left = echo left >>ran; wc -w <<<'$(wildcard many/*)' >out/user/left
EOF
ran >ignored
is 'a step is given 5,000 files' "$(cat out/user/left)" 5000
is 'then make has nothing to do' "$(ran)" ''
newer "many/$name-4711"
is 'each of them counts' "$(ran -j1)" 'left join '
rm "many/$name-4711"
is 'also when it is gone' "$(ran -j1)" 'left join '

# An input that a rule makes in this make, and a text that is known only then
toy
cat >>toy.mk <<'EOF'
user_left_in := made
user_left = echo left $(words $(file <made)) >>ran
made: b ; cp b made
EOF
ran >ignored
newer b
is 'an input that is made now counts' "$(ran -j1)" 'second left 2 right join '
is '... once' "$(ran)" ''

toy
sed -i 's,touch out/base/two,true,' toy.mk
is 'a step that does not make what it says fails' "$(ran -j1)$(cat status)" 'first 2'
ok '... with a sentence' grep -qx 'base: first did not make out/base/two' output

# O elsewhere
toy
mkdir -p elsewhere/host
cp -p "$step" "$step.mk" elsewhere/host/
sed -i "s,out/,\$(O)/,g" Makefile toy.mk
ran O="$lab/elsewhere" >ignored
ok 'O= takes all' test -e elsewhere/base/one -a ! -e out/base
cp -a elsewhere copy
ran O="$lab/copy" >ignored
ok 'a copy of it is made anew' test -e copy/base/one
ok '... and leaves alone what it was copied from' test -e elsewhere/base/one

cd "$top" || exit 1
# make 4.3 leaves the newline at a file's end where it has to get more memory for its text.
cat >"$tmp/texts.mk" <<EOF
O := out
include $top/src/engine/core.mk
ten := 1 2 3 4 5 6 7 8 9 10
try = \$(eval text := \$(text)abcdefghijklmnopqrstuvwxyz)\$(file >$tmp/text,\$(text))\$(call unlike,$tmp/text,\$(text))
text :=
\$(foreach i,\$(ten),\$(foreach j,\$(ten),\$(eval said += \$\$(call try))))
\$(info \$(strip \$(said)))
all: ;@:
EOF
is 'a text is found to be that of a file, however long it is' "$(make -f "$tmp/texts.mk" all 2>&1)" ''
finish
