#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What docs/contributing.md says of adding a module, an option, a recipe, a program, a
# command, a test and a processor is done to the letter, on fake sources; that of a device is
# in device.t, that of a device in QEMU in qemu.t, that of an eBPF program in bpf.t.
#
# Needs: lab labs

# shellcheck disable=SC2016 # make's
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

run()
{
	timeout 300 make "$@" >"$tmp/output" 2>&1
}

run defconfig all || cat "$tmp/output"

# A module
mkdir kmod/wave
echo 'obj-m := wave.o' >kmod/wave/Kbuild
echo 'int fake_wave;' >kmod/wave/wave.c
cp kmod/hello/Makefile kmod/wave/
sed 's/hello/wave/g' kmod/hello/hello.t >kmod/wave/wave.t
run -C kmod/wave
is 'a module is built where it is' "$?-$(test -e out/modules/wave/wave.ko && echo there)" 0-there
run
is '... comes into the root' "$?-$(basename -a out/modules/root/lib/modules/*/updates/wave.ko)" 0-wave.ko
run -n test M=wave
is '... and has a test' "$?-$(grep -c 'src/commands/test/test out .*wave' "$tmp/output")" 0-1

# An option of the kernel: a fragment, its line, its symbol
echo CONFIG_FAKE_LOUD=y >recipes/linux/loud.config
sed -i '/^linux-$(CONFIG_LINUX_SMP) /a linux-$(CONFIG_LINUX_LOUD) += loud' recipes/linux/linux.mk
sed -i '/^config LINUX_BZIMAGE/i config LINUX_LOUD\n\tbool "Loud"\n\thelp\n\t  The kernel says more.\n' recipes/linux/Kconfig
echo CONFIG_LINUX_LOUD=y >>out/.config
run
is 'an option of the kernel has its fragment' "$?-$(grep -cx CONFIG_FAKE_LOUD=y out/linux/build/.config)" 0-1
echo CONFIG_FAKE_NONE=y >>recipes/linux/loud.config
run
is '... whose lines are had, or stop the build' "$?-$(grep -c 'loud.config:2: .*CONFIG_FAKE_NONE' "$tmp/output")" 2-1
sed -i '$d' recipes/linux/loud.config
run || cat "$tmp/output"

# A recipe
mkdir recipes/letter
cat >recipes/letter/letter.mk <<'END'
# SPDX-License-Identifier: GPL-2.0-only
#
# letter - what is written of this lab

letter_steps := write
letter_write_in := recipes/letter/text $(call config,LETTER_TO)
letter_write_out := $(O)/letter/letter
## letter: Write to somebody
define letter_write
	echo "$$(src/engine/config-value $(auto_conf) LETTER_TO), $$(cat recipes/letter/text)" >$(O)/letter/letter
endef

$(call recipe,letter,y)
END
printf '# SPDX-License-Identifier: GPL-2.0-only\n\nconfig LETTER_TO\n\tstring "To whom"\n\tdefault "you"\n\thelp\n\t  A name.\n' >recipes/letter/Kconfig
echo 'source "recipes/letter/Kconfig"' >>Kconfig
printf 'kiln-none-at-all\tkiln-none\t-\tletters (make letter)\n' >recipes/letter/tools
echo hello >recipes/letter/text
run doctor
ok 'a recipe: what it takes of the host is looked at' grep -q '^missing *kiln-none-at-all ' "$tmp/output"
rm recipes/letter/tools
run letter
is '... it is made, by its option' "$?-$(<out/letter/letter)" '0-you, hello'
echo 'CONFIG_LETTER_TO="me"' >>out/.config
run letter
is '... again when that is another one' "$?-$(<out/letter/letter)" '0-me, hello'
ok '... is in make help' grep -q '^  letter .*Write to somebody' <(make help)
ok '... and help-letter' grep -q '^letter - what is written of this lab' <(make help-letter)
run letter-clean
is '... and goes' "$?-$(find out/letter -type f 2>/dev/null)" 0-

# A program
mkdir src/hi
printf '// SPDX-License-Identifier: GPL-2.0-only\n#include <stdio.h>\n\nint main(void)\n{\n\treturn puts("hi") < 0;\n}\n' >src/hi/main.c
sed -i -e '/^host_farm := /i host_hi := $(call objects,$(host_obj),$(wildcard src/hi/*.c))' \
	-e 's/^	\$(host_step) \$(host_newer)/& $(host_hi)/' \
	-e '/^\$(eval \$(call program,\$(O)\/host,farm,/i $(eval $(call program,$(O)/host,hi,$(host_hi)))' recipes/host/host.mk
run out/host/hi
is 'a program is compiled' "$?-$(out/host/hi)" 0-hi

# A command
mkdir src/commands/wink
printf '#!/bin/bash\necho "wink at $1"\n' >src/commands/wink/wink
chmod +x src/commands/wink/wink
sed -i 's/^machine_goals := /&wink /' src/engine/goals.mk
printf '\n## wink: Wink at the lab\nwink: ; @src/commands/wink/wink $(O)\n' >>src/engine/machine.mk
run wink
is 'a command is a goal' "$?-$(<"$tmp/output")" '0-wink at out'
ok '... with its help' grep -q '^  wink .*Wink at the lab' <(make help)

# A test
cat >src/commands/wink/wink.t <<'END'
#!/bin/bash
. src/test/lib/tap.sh
is 'it winks' "$(src/commands/wink/wink here)" 'wink at here'
finish
END
chmod +x src/commands/wink/wink.t
is 'a test runs' "$(src/commands/wink/wink.t | head -n 1)" 'ok 1 - it winks'
ok '... among all' grep -q ' src/commands/wink/wink.t' <(make -n check)

# A processor: a folder, and its entry in the menu
cp -r recipes/processor/riscv64 recipes/processor/riscy
sed -i 's/^processor_name := .*/processor_name := riscy/' recipes/processor/riscy/values.mk
sed -i -e '/^config LINUX_RISCV64/i config LINUX_RISCY\n\tbool "riscy"\n\tselect PROCESSOR_VIRT\n\thelp\n\t  A new one.\n' \
	-e '/default "riscv64" if/i \	default "riscy" if LINUX_RISCY' recipes/processor/Kconfig
echo CONFIG_LINUX_RISCY=y >"$tmp/riscy"
run O="$tmp/riscy.out" defconfig FRAGMENTS="$tmp/riscy"
is 'a processor is chosen' "$?-$(grep -c '^CONFIG_LINUX_RISCY=y$\|^CONFIG_VM_VIRT=y$\|^CONFIG_LINUX_ARCH="riscy"$' "$tmp/riscy.out/.config")" 0-3

finish
