# SPDX-License-Identifier: GPL-2.0-only
#
# Tests print TAP and are run by prove.  They are next to what they test, run in the top folder and
# find the lab in $LAB and the kernel's source in $LINUX.  Every test has the lab's own programs and
# that source; its head says what else it needs:
#
#	# Needs: WORD...
#
#	fakes		the lab's programs with sanitizers, and the fake QEMU
#	units		the objects of the unit tests
#	lab		this lab, built
#	packages	and its packages
#	roots		another kernel or a QEMU, which takes minutes: run by make check-roots
#	labs		the same, run by make check-labs, which takes longer
#	behind		the kernel that roots.t builds: run after the tests of check-roots
#	full		hours, or bare machines: run by make check-full
#	alone		no other test at the same time, because it changes the lab

tests := $(sort $(wildcard $(addsuffix /*.t,recipes/* recipes/vm/devices/* \
	src/* src/commands/* src/test/* src/vm/*)))

# Everything is compiled again for tests, with sanitizers, which end a program on undefined
# behaviour.
check_sanitizers := -fsanitize=address -fsanitize=undefined -fno-sanitize-recover
check_flags := $(host_flags) -O0 $(check_sanitizers)
check_obj := $(O)/check/obj
check_objects = $(call objects,$(check_obj),$(wildcard $(1)))

unit_tests := $(patsubst src/test/unit/%.c,$(O)/check/%,$(wildcard src/test/unit/*.c))

# The objects for unit tests, without main; those of the guest's programs are separate.
check_units := $(filter-out %/main.o,$(call check_objects,src/bpf/refusal.c $(addsuffix /*.c, \
	src/lib src/results src/step src/vm src/vm/*)))
check_guest := $(filter-out %/main.o,$(call check_objects,src/guest/*.c)) $(check_obj)/lib/frame.o
guest_tests := test-guest test-mounts

# Programs that tests start: the lab's with sanitizers, the fake QEMU, a hostile driver; and the
# program that runs tests.
test_programs := $(addprefix $(O)/check/,vm fakeqemu agent limit ring)
check_vm := $(check_obj)/vm/main.o
check_fakeqemu := $(check_obj)/test/fake/fakeqemu.o
check_agent := $(check_obj)/guest/main.o
check_limit := $(check_obj)/test/lib/limit.o
check_ring := $(call check_objects,src/test/ring/*.c)
check_all := $(sort $(check_units) $(check_guest) $(foreach p,$(notdir $(test_programs)), \
	$(check_$(p))) $(call check_objects,src/test/unit/*.c))

# Other goals need nothing in $(O)/check.
ifneq ($(filter check check-% $(O)/check/%,$(goals)),)

# One archive for all: a program takes out of it what it calls.
check_archive = $(call host_file,$(O)/check,$(1),$(2),rm -f $(O)/check/$(1).new && ar \
	qcs $(O)/check/$(1).new $(2) && mv $(O)/check/$(1).new $(O)/check/$(1))
check_program = $(call program,$(O)/check,$(1),$(2) $(O)/check/$(3),$(check_sanitizers), \
	-ljansson -lxxhash)

$(eval $(call compile,$(check_obj),$(check_all),$(check_flags)))
$(eval $(call check_archive,units.a,$(check_units)))
$(eval $(call check_archive,guest.a,$(check_guest)))
$(foreach p,vm fakeqemu limit ring,$(eval $(call check_program,$(p),$(check_$(p)),units.a)))
$(eval $(call check_program,agent,$(check_agent),guest.a))
$(foreach t,$(notdir $(unit_tests)),$(eval $(call check_program,$(t), \
	$(check_obj)/test/unit/$(t).o,$(if $(filter $(t),$(guest_tests)),guest.a,units.a))))

endif

$(call recipe,check,)

# Labs that docs/NAME.md describes and src/test/labs/NAME.t types; rust is one more.
page_labs := ancestry disk llvm virtio
page_lab = $(eval $(1)_lab := $(1)_defconfig all)$(eval $(1)_tests := src/test/labs/$(1).t)
$(foreach l,$(page_labs),$(call page_lab,$(l)))

# Further labs, in $(O)/check, for what this one lacks: NAME_lab are the goals that make the lab,
# NAME_tests its tests; make check-NAME runs them.
labs := debug bpf coverage kunit rust deb devices kasan asan arm64 riscv64 \
	arm64-debug riscv64-debug dkms-12 dkms-13 $(page_labs)

# What looks into the kernel needs debugging information in it.
debug_lab := gdb_defconfig \
	FRAGMENTS='$(patsubst %,src/test/whole/%.config,lean debug debug-signed perf)' all
debug_tests := src/commands/gdb/gdb.t src/commands/drgn/drgn.t recipes/vm/dump.t \
	recipes/vm/decode.t src/commands/trace/trace.t src/commands/perf/perf.t \
	src/commands/perf/picture.t

bpf_lab := ebpf_defconfig FRAGMENTS=src/test/whole/bpf.config all
bpf_tests := recipes/bpf/bpf.t recipes/editor/editor.t

# Its kernel counts which lines run.
coverage_lab := defconfig FRAGMENTS='$(patsubst %,src/test/whole/%.config,lean coverage)' all
coverage_tests := src/commands/coverage/coverage.t

# Its kernel has its own tests, and what their programs ask for.
kunit_lab := defconfig FRAGMENTS='$(patsubst %,src/test/whole/%.config,lean kunit)' all
kunit_tests := src/commands/kunit/live.t src/commands/kselftest/live.t

# Built by LLVM, so that gdb and editors see another compiler there; in check-labs, which starts
# neither, without debug information, which doubles the time to build.
rust_lab := rust_defconfig FRAGMENTS='$(patsubst %,src/test/whole/%.config,lean rust $(if \
	$(filter check-rust check-full,$(goals)),,no-debug))' all
rust_itself := recipes/modules/rust.t recipes/rust-analyzer/rust-analyzer.t \
	src/test/whole/example.t src/test/labs/rust.t
rust_tests := $(rust_itself) src/commands/gdb/gdb.t recipes/editor/editor.t

# Packages by LLVM, and with debug information; and their kernel as one built elsewhere
deb_lab := defconfig FRAGMENTS=src/test/whole/deb.config all bindeb-pkg targz-pkg modules-deb
deb_tests := recipes/deb/deb.t recipes/vm/foreign.t

# A kernel with the drivers of all devices; devices of this lab are always tested.
devices_lab := defconfig FRAGMENTS=recipes/vm/devices.config all
devices_tests := recipes/vm/devices.t $(wildcard recipes/vm/devices/*/*.t)

# Modules, and the lab's own device, on a kernel with KASAN and the like
kasan_lab := virtio_defconfig FRAGMENTS=src/test/whole/kasan.config all
kasan_tests := src/test/whole/kasan.t recipes/modules/sparse.t recipes/vm/devices/kiln/kiln.t \
	recipes/vm/crash.t

# A QEMU with sanitizers, and a hostile driver
asan_lab := virtio_defconfig FRAGMENTS=src/test/whole/asan.config qemu
asan_tests := src/test/ring/ring.t
check-asan: $(O)/check/ring

# The dkms packages of two releases of Debian, on their kernels with Linux's defaults
dkms_lab = defconfig FRAGMENTS='$(patsubst %,src/test/whole/%.config,lean dkms $(1))' all
dkms-12_lab := $(call dkms_lab,dkms-12)
dkms-13_lab := $(call dkms_lab,dkms-13)
dkms-12_tests := recipes/modules/packages.t
dkms-13_tests := $(dkms-12_tests)

# Other processors, by the same tests; make deps installs the compilers
processor_tests := recipes/guest/guest.t recipes/vm/boot.t recipes/vm/start.t recipes/vm/state.t \
	recipes/vm/crash.t recipes/modules/reload.t
arm64_lab := arm64_defconfig deps all
arm64_tests := $(processor_tests)
riscv64_lab := riscv_defconfig deps all
riscv64_tests := $(processor_tests)

# A second kernel, for gdb and all devices
processor_more := FRAGMENTS=src/test/whole/processor.config deps all
processor_more_tests := src/commands/gdb/gdb.t recipes/vm/dump.t recipes/vm/decode.t \
	recipes/editor/editor.t $(devices_tests)
arm64-debug_lab := arm64_defconfig $(processor_more)
arm64-debug_tests := $(processor_more_tests)
riscv64-debug_lab := riscv_defconfig $(processor_more)
riscv64-debug_tests := $(processor_more_tests)

# The tests of $(2) that say the word $(1).
needing = $(if $(filter %.t,$(2)),$(shell grep -lE '^\# Needs:.* $(1)( |$$)' $(filter %.t,$(2))))

# The tests of each goal: GOAL_tests.
check_goals := check check-quick check-roots check-labs check-full
check_asked := $(filter $(check_goals),$(goals))
ifneq ($(check_asked),)

check-roots_tests := $(call needing,roots,$(tests))
check-labs_tests := $(call needing,labs,$(tests)) $(check-roots_tests)
check-full_tests := $(unit_tests) $(filter-out $(call needing,behind,$(tests)),$(tests))
check-quick_tests := $(unit_tests) $(filter src/kconfig/% src/results/% src/step/% src/test/lib/% \
	%/core.t %/docs.t %/help.t %/style.t %/vm.t %/exec.t,$(tests))
# The longest tests come first, so that others run in parallel.
check_whole := $(filter src/test/whole/%,$(tests))
check_tests := $(filter-out $(check-labs_tests) $(foreach word,full behind, \
	$(call needing,$(word),$(tests))), \
	$(check_whole) $(unit_tests) $(filter-out $(check_whole),$(tests)))

# What has to be built for them.
check_wanted := $(or $(T),$(foreach goal,$(check_asked),$($(goal)_tests)))
check_needed := $(addprefix $(O)/,host/newer host/results host/vm host/kconfig/mconf \
	host/kconfig/keep check/limit) $(kconfig_ready) $(filter $(unit_tests),$(check_wanted)) \
	$(if $(call needing,fakes,$(check_wanted)),$(test_programs)) \
	$(if $(call needing,units,$(check_wanted)),$(unit_tests)) \
	$(if $(call needing,lab,$(check_wanted)),all) \
	$(if $(call needing,packages,$(check_wanted)),bindeb-pkg targz-pkg \
	$(if $(CONFIG_MODULES),modules-deb))

endif

# A test that takes longer hangs; on a busy machine a test may take ten times as long.
limit := 3600

# Runs the tests $(3) in the lab $(1), whose kernel has the source $(2).
run_tests = src/test/prove '$(abspath $(O))/check/limit $(limit)' $(1) $(2) $(abspath $(DL)) $(3)
run_here = $(call run_tests,$(abspath $(O)),$(abspath $(linux_src)),$(1))

# Further work of the tests in check-full.
check-full check-dkms-12 check-dkms-13: limit := 10800
check-full: export KILLS := 500
check-full: export DISKS := 12
check-full: export FULL := y
check-full: export FUZZ := 600
check-asan: export FUZZ ?= 600
check-full: export RANDCONFIGS := 1000
check-full: export MATRIX := all
check-quick: export QUICK := y

lab_in = $(abspath $(O))/check/$(1)
lab_linux = $$(realpath -m $(call lab_in,$(1))/linux/build/source)
lab_source := $(if $(LINUX_DIR),LINUX_DIR=$(linux_from))
lab_make = $(MAKE) O=$(call lab_in,$(1)) DL=$(abspath $(DL)) $(lab_source) $($(1)_lab)

.PHONY: $(labs:%=%-lab) $(labs:%=check-%) check-dkms
check-dkms: check-dkms-12 check-dkms-13
$(filter-out rust-lab,$(labs:%=%-lab)): %-lab: all
	@$(plus)$(call lab_make,$*)

# If the tools for Rust are missing, why-not has the reason, which rust.t shows.
rust-lab: all
	@$(plus)dir=$(call lab_in,rust)
	mkdir -p $$dir
	rm -f $$dir/run
	if recipes/toolchain/root check $(abspath $(DL)) 2>$$dir/why-not; then
		$(call lab_make,rust) || true
	fi

$(labs:%=check-%): check-%: %-lab $(O)/check/limit
	@$(call run_tests,$(call lab_in,$*),$(call lab_linux,$*),$($*_tests))

# What is made and tested beside the tests: Rust, for roots.t waits for its machines most of
# the time.  What comes behind them: devices and drivers in the kernel of roots.t; labs.
# config.mk hands no variables down to makes that we start.
check-labs_beside := rust-itself
check-roots_more := devices-again behind-roots
check-labs_more := $(check-roots_more) check-arm64
check-full_more := $(check-roots_more) $(labs:%=check-%) repro
again = $(MAKE) O=$(O) DL=$(DL) $(1)
beside = $(if $(T),,$(foreach goal,$($(1)_beside),$(call again,$(goal)) & beside+=($$!);))
behind = $(if $(T),,$(foreach goal,$($(1)_more),$(call again,$(goal)) || status=1;))

.PHONY: rust-itself behind-roots devices-again
rust-itself: rust-lab $(O)/check/limit
	@$(call run_tests,$(call lab_in,rust),$(call lab_linux,rust),$(rust_itself))

behind-roots: all $(O)/check/limit
	@$(call run_here,$(call needing,behind,$(tests)))

devices-again: all $(O)/check/limit
	@$(call run_here,$(devices_tests))

## check: Test this lab, half an hour, or T=FILE.t (also check-quick, check-roots, check-labs)
## check-full: Run every test, with hundreds of kills and all labs: hours; check-LAB: one lab
.PHONY: $(check_goals)
$(check_goals): $(check_needed)
	@$(plus)status=0
	beside=()
	trap '[ -z "$${beside-}" ] || kill "$${beside[@]}"' EXIT
	$(call beside,$@)
	$(call run_here,$(or $(T),$($@_tests))) || status=1
	for job in "$${beside[@]}"; do wait "$$job" || status=1; done
	beside=()
	$(call behind,$@)
	exit $$status
