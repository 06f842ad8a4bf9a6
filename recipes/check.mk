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
comma := ,

# What tests start: our programs under sanitizers, and the fake QEMU.
test_programs := $(addprefix $(O)/check/,vm fakeqemu agent)
$(O)/check/vm: $(wildcard src/vm/*.c src/lib/*.c)
$(O)/check/fakeqemu: src/test/fakeqemu/fakeqemu.c src/lib/frame.c
$(O)/check/agent: $(wildcard src/guest/*.c) src/lib/frame.c
$(test_programs): $(wildcard src/*/*.h) | $(O)/host/step
	@$(call step,check,$(@F),$(@D)/.$(@F),cc $(host_flags) -O1 -fsanitize=address$(comma)undefined \
		-fno-sanitize-recover -o $@.new $(filter %.c,$^) -ljansson -lxxhash && mv $@.new $@)

$(call recipe,check,)

# What the tests do more of then.
.PHONY: check-full
check-full: export KILLS := 500
check-full: export FULL := y
check-full: export FUZZ := 600

# What looks into the kernel needs debugging information in it: a lab of its own,
# without what takes long to build.
debug_lab := $(abspath $(O))/check/debug
debug_tests := recipes/gdb/gdb.t recipes/vm/dump.t recipes/vm/decode.t recipes/trace/trace.t
debug_make = $(MAKE) DL=$(abspath $(DL)) FRAGMENTS=src/test/debug.config

.PHONY: check-debug debug-lab
debug-lab:
	@$(plus)$(debug_make) O=$(debug_lab) $(if $(LINUX_DIR),LINUX_DIR=$(linux_from)) gdb_defconfig all

# check-debug: tests gdb, dumps and traces in a lab of their own, which check does, too
check-debug: debug-lab
	@$(call prove_in,$(debug_lab),$(debug_tests))

prove_in = LAB=$(1) LINUX=$$(realpath $(1)/linux/build/source) prove $(2)

# All devices, with a kernel that has their drivers; those of this lab's kernel are
# tested in any case.
devices_lab := $(abspath $(O))/check/devices
devices_make = $(MAKE) O=$(devices_lab) DL=$(abspath $(DL)) $(if $(LINUX_DIR),LINUX_DIR=$(linux_from))

.PHONY: check-devices
check-full: check-devices

# check-devices: tests all devices of the menu on a kernel with their drivers; builds it first
check-devices: all
	@$(plus)$(devices_make) defconfig FRAGMENTS=recipes/vm/devices.config
	$(devices_make)
	LAB=$(devices_lab) LINUX=$(abspath $(linux_src)) prove recipes/vm/devices.t

# Rust is tested in a lab of its own, with the tools of a Debian release, unless
# this one has it.  Where none can be made, why-not has the reason for the test.
# LLVM builds it, so that gdb and editors see another compiler there.
rust_lab := $(abspath $(O))/check/rust
rust_lab_wanted := $(if $(CONFIG_LINUX_RUST),,$(if $(T),$(filter recipes/modules/rust.t,$(T)),y))
rust_tests := recipes/gdb/gdb.t recipes/editor/editor.t

.PHONY: rust-lab
rust-lab:
	@$(plus)mkdir -p $(rust_lab)
	rm -f $(rust_lab)/run
	if recipes/toolchain/root check $(abspath $(DL)) 2>$(rust_lab)/why-not; then
		$(debug_make) O=$(rust_lab) rust_defconfig all || true
	fi

## check: Test this lab, or with T=FILE.t one part of it
## check-full: The same with hundreds of kills and more labs; takes hours (check-debug, check-devices: parts of it)
check check-full: all $(test_programs) $(kconfig)/keep $(if $(T),,$(unit_tests) debug-lab) $(if $(rust_lab_wanted),rust-lab)
	@status=0
	LAB=$(abspath $(O)) LINUX=$(abspath $(linux_src)) prove $(or $(T),$(unit_tests) $(tests)) || status=1
	$(if $(T),,$(call prove_in,$(debug_lab),$(debug_tests)) || status=1)
	$(if $(T),,[ ! -e $(rust_lab)/run ] || $(call prove_in,$(rust_lab),$(rust_tests)) || status=1)
	exit $$status
