# SPDX-License-Identifier: GPL-2.0-only
#
# Tests: TAP, run by prove.  They sit beside what they test, run in the top
# folder and find the lab in $LAB and the kernel's source in $LINUX.

tests := $(sort $(wildcard recipes/*.t recipes/*/*.t src/*/*.t))
unit_tests := $(patsubst src/test/%.c,$(O)/check/%,$(wildcard src/test/test-*.c))

# All that a unit test may call, but no main; the guest's programs are apart.
unit_sources := $(filter-out %/main.c,$(wildcard src/lib/*.c src/step/*.c src/vm/*.c))
guest_sources := $(filter-out %/main.c,$(wildcard src/guest/*.c)) src/lib/frame.c
guest_tests := $(addprefix $(O)/check/test-,guest mounts)
$(filter-out $(guest_tests),$(unit_tests)): $(unit_sources)
$(guest_tests): $(guest_sources)
$(unit_tests): $(O)/check/%: src/test/%.c $(wildcard src/*/*.h) | $(O)/host/step
	@$(call step,check,$*,$(@D)/.$*,cc $(host_flags) -O1 -fsanitize=address$(comma)undefined \
		-fno-sanitize-recover -Isrc/test -Isrc/vm -o $@.new $(filter %.c,$^) -ljansson -lxxhash && mv $@.new $@)

# What tests start: our programs under sanitizers, and the fake QEMU; and what runs them.
test_programs := $(addprefix $(O)/check/,vm fakeqemu agent limit)
$(O)/check/vm: $(wildcard src/vm/*.c src/lib/*.c)
$(O)/check/fakeqemu: src/test/fakeqemu/fakeqemu.c src/lib/frame.c
$(O)/check/agent: $(wildcard src/guest/*.c) src/lib/frame.c
$(O)/check/limit: src/test/limit/limit.c $(addprefix src/lib/,loop.c proc.c str.c)
$(test_programs): $(wildcard src/*/*.h) | $(O)/host/step
	@$(call step,check,$(@F),$(@D)/.$(@F),cc $(host_flags) -O1 -fsanitize=address$(comma)undefined \
		-fno-sanitize-recover -o $@.new $(filter %.c,$^) -ljansson -lxxhash && mv $@.new $@)

$(call recipe,check,)

# A test that takes longer has failed.
limit := 1200
prove = prove -e '$(abspath $(O))/check/limit $(limit)' $(1) </dev/null

# What the tests do more of then.
.PHONY: check-full
check-full: limit := 10800
check-full: export KILLS := 500
check-full: export FULL := y
check-full: export FUZZ := 600
check-full: export MATRIX := all

# Labs beside this one, below $(O)/check, for what this one does not have: NAME_lab
# are the goals that make it, NAME_tests what is tested there, by make check-NAME.
labs := debug rust deb devices

# What looks into the kernel needs debugging information in it.
debug_lab := gdb_defconfig FRAGMENTS=src/test/debug.config all
debug_tests := recipes/gdb/gdb.t recipes/vm/dump.t recipes/vm/decode.t recipes/trace/trace.t

# LLVM builds it, so that gdb and editors see another compiler there.
rust_lab := rust_defconfig FRAGMENTS=src/test/debug.config all
rust_wanted := $(if $(CONFIG_LINUX_RUST),,$(if $(T),$(if $(filter recipes/modules/rust.t recipes/rust-analyzer/%,$(T)),rust-lab),rust-lab))
rust_tests := recipes/modules/rust.t recipes/rust-analyzer/rust-analyzer.t recipes/gdb/gdb.t recipes/editor/editor.t

# Packages by LLVM, and with debugging information
deb_lab := defconfig FRAGMENTS=src/test/deb.config all bindeb-pkg targz-pkg
deb_tests := recipes/deb/deb.t

# A kernel with the drivers of all devices; those of this lab's are tested in any case.
devices_lab := defconfig FRAGMENTS=recipes/vm/devices.config all
devices_tests := recipes/vm/devices.t

lab_in = $(abspath $(O))/check/$(1)
lab_make = $(MAKE) O=$(call lab_in,$(1)) DL=$(abspath $(DL)) $(if $(LINUX_DIR),LINUX_DIR=$(linux_from)) $($(1)_lab)
prove_in = LAB=$(call lab_in,$(1)) LINUX=$$(realpath $(call lab_in,$(1))/linux/build/source) DL=$(abspath $(DL)) $(call prove,$($(1)_tests))
again = $(MAKE) $(1)

.PHONY: $(labs:%=%-lab) $(labs:%=check-%)
$(filter-out rust-lab,$(labs:%=%-lab)): %-lab: all
	@$(plus)$(call lab_make,$*)

# Where no tools for Rust can be had, why-not tells the reason, which rust.t shows.
rust-lab: all
	@$(plus)dir=$(call lab_in,rust)
	mkdir -p $$dir
	rm -f $$dir/run
	if recipes/toolchain/root check $(abspath $(DL)) 2>$$dir/why-not; then
		$(call lab_make,rust) || true
	fi

$(labs:%=check-%): check-%: %-lab $(O)/check/limit
	@$(call prove_in,$*)

## check: Test this lab, or with T=FILE.t one part of it
## check-full: The same with hundreds of kills and more labs; takes hours (check-devices: a part of it)
check check-full: all $(test_programs) $(kconfig)/keep $(if $(T),,$(unit_tests)) $(rust_wanted)
	@$(plus)status=0
	LAB=$(abspath $(O)) LINUX=$(abspath $(linux_src)) DL=$(abspath $(DL)) $(call prove,$(or $(T),$(unit_tests) $(tests))) || status=1
	$(if $(T),,$(if $(filter check-full,$@),$(foreach goal,check-debug check-rust check-deb check-devices repro,$(call again,$(goal)) || status=1;)))
	exit $$status
