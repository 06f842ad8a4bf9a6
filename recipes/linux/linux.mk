# SPDX-License-Identifier: GPL-2.0-only
#
# linux - the kernel: $(O)/$(processor_kernel) is what the machine boots,
# $(O)/linux/build is Kbuild's O=

# The programs of the lab's menu are built from the default source, before another is chosen.
linux_default := linux-source-6.12
fetch_$(linux_default) := package $(linux_default)
linux_version := $(CONFIG_LINUX_RELEASE_VERSION)
linux_release := v$(firstword $(subst ., ,$(linux_version))).x/linux-$(linux_version).tar.xz
linux_name = $(call source_name,LINUX,$(linux_default),$(linux_release),recipes/linux/linux.hash)

# Old versions are refused by number before anything is fetched; recipes/linux/kconfig checks
# the tree itself.
linux_old := 2.% 3.% 4.% $(foreach n,0 1 2 3 4 5 6 7 8 9,5.$(n) 5.$(n).%)
linux_number := $(patsubst linux-source-%,%,$(CONFIG_LINUX_PACKAGE_NAME)) $(linux_version)
linux_which := CONFIG_LINUX_$(if $(linux_version),RELEASE_VERSION,PACKAGE_NAME)
linux_is_old = $(call config_error,$(linux_which): Linux $(1) is too old: 5.10 is the oldest \
	supported version)
$(if $(or $(LINUX_DIR),$(if $(lab_goals),,menu)),,$(foreach \
	v,$(filter $(linux_old),$(linux_number)),$(call linux_is_old,$(v))))

linux_tree := $(if $(LINUX_DIR),$(or $(realpath $(LINUX_DIR)),$(LINUX_DIR)))
linux_from := $(or $(linux_tree),$(DL)/$(linux_name))
linux_fetched := $(if $(LINUX_DIR),,$(linux_from)/.fetched)
linux_obj := $(abspath $(O))/linux/build

# Patches are applied to a copy.  Any change in them changes this text.
ifneq ($(and $(CONFIG_LINUX_HAS_PATCHES),$(lab_goals)),)
linux_series := $(call config_files,LINUX_PATCHES,any)
linux_patches := $(if $(linux_series),$(shell recipes/linux/patch list $(linux_series)))
ifeq ($(linux_patches),)
$(call config_error,LINUX_PATCHES=$(linux_series): not all of them are there)
endif
ifneq ($(LINUX_DIR),)
$(call config_error,LINUX_PATCHES=$(linux_series) is not for LINUX_DIR: that tree is \
	your own$(comma) patch it yourself)
endif
endif

# The user's folders of modules; those in Rust, of a project, are left out as those of kmod/.
folders_rust := $(if $(CONFIG_LINUX_RUST),,$(foreach f,$(external_modules),$(if \
	$(wildcard $(f)/*.rs),$(f))))

# What dkms builds: folders of theirs, and packages of the distribution, NAME-dkms, that are
# fetched into the folders of folders_fetched.
dkms_named := $(if $(and $(CONFIG_MODULES_HAS_DKMS),$(lab_goals)),$(call config_text,MODULES_DKMS))
dkms_packages := $(if $(call odd_in,$(dkms_named)),,$(foreach p,$(filter \
	%-dkms,$(dkms_named)),$(if $(findstring /,$(p))$(filter -%,$(p))$(wildcard \
	$(p)/.),,$(p))))
ifneq ($(if $(dkms_packages),$(filter undefined,$(origin CONFIG_MODULES_DKMS_SUITE))),)
$(call config_error,CONFIG_MODULES_DKMS_SUITE: the name of a suite has letters$(comma) digits and \
	. _ + - only)
endif
dkms_suite := $(or $(CONFIG_MODULES_DKMS_SUITE),$(if $(LINUX_DIR),,$(CONFIG_LINUX_PACKAGE_SUITE)))
dkms_place = $(DL)/$(1)$(addprefix -,$(dkms_suite))
dkms_fetch = $(eval fetch_$(notdir $(call dkms_place,$(1))) := \
	dkms $(1)$(addprefix /,$(dkms_suite)))
$(foreach p,$(dkms_packages),$(call dkms_fetch,$(p)))
dkms_fetched := $(foreach p,$(dkms_packages),$(call dkms_place,$(p))/.fetched)
folders_fetched := $(foreach p,$(dkms_packages),$(call dkms_place,$(p))/$(p))
folders_dkms := $(strip $(folders_fetched) $(patsubst %/,%,$(if $(dkms_named),$(call \
	files_of,MODULES_DKMS,$(filter-out $(dkms_packages),$(dkms_named)),folder))))
folders_yours := $(folders_dkms) $(if $(CONFIG_MODULES_HAS_FOLDERS),$(patsubst \
	%/,%,$(call config_files,MODULES_FOLDERS,folder))) $(if \
	$(CONFIG_MODULES),$(filter-out $(folders_rust),$(external_modules)))

# Modules that are to be in the kernel itself: their names, their folders, and the files
# in these.
ifneq ($(and $(CONFIG_MODULES_HAS_BUILTIN),$(lab_goals)),)
builtin := $(call config_names,MODULES_BUILTIN)
builtin_folder = $(firstword $(patsubst %/Kbuild,%,$(wildcard kmod/$(1)/Kbuild)) \
	$(filter %/$(1),$(folders_yours)))
builtin_unknown := $(strip $(foreach m,$(builtin),$(if $(call builtin_folder,$(m)),,$(m))))
ifneq ($(builtin_unknown),)
$(call config_error,CONFIG_MODULES_BUILTIN: there is no $(firstword $(builtin_unknown)) in \
	kmod/ or CONFIG_MODULES_FOLDERS)
endif
builtin_folders := $(foreach m,$(builtin),$(call builtin_folder,$(m)))
builtin_files = $(modules_headers) $(filter-out odd-names-%,$(foreach \
	f,$(builtin_folders),$(call modules_files,$(f))))
endif

# The user's tree is built through a farm of links if Kbuild finds that it was built in place, or if
# modules are linked in; and if such a farm exists although the tree is clean by now, because
# everything would be built again without it.
linux_farmed := $(if $(LINUX_DIR),$(or $(builtin),$(wildcard $(addprefix $(linux_from)/,.config \
	include/config arch/$(processor_srcarch)/include/generated)),$(filter \
	$(linux_from),$(file <$(O)/linux/farm))))

linux_copied := $(or $(linux_patches),$(builtin),$(linux_farmed))
linux_src := $(if $(linux_copied),$(abspath $(O))/linux/src,$(linux_from))

# Where the user edits: for patched source, the source that it is a copy of.
linux_edited := $(abspath $(if $(linux_patches),$(linux_src),$(linux_from)))

# Replaces paths of links to these files, and of copies, by the user's own paths; Rust's error
# messages contain the paths that the compiler is told for debug information.
linux_places := $(linux_src) $(if $(CONFIG_LINUX_RUST),/kiln/linux)
builtin_names = $(foreach p,$(linux_places),-e \
	's|$(p)/drivers/kiln/$(notdir $(1))/|$(abspath $(1))/|g')
linux_names := sed -u $(foreach f,$(builtin_folders),$(call builtin_names,$(f))) \
	$(linux_places:%=-e 's|%/|$(linux_edited)/|g')
linux_renamed := $(builtin)$(CONFIG_LINUX_RUST)$(filter-out \
	$(linux_edited),$(abspath $(linux_src)))
linux_named := $(if $(linux_renamed),2>&1 | $(linux_names))

## LINUX_DIR=: Your own kernel tree, which is read and never written to
# Every make searches the user's own tree; Kbuild runs if something changed, and the configuration
# is made again if a Kconfig file changed.
ifneq ($(and $(LINUX_DIR),$(filter-out module,$(lab_goals))),)
ifeq ($(wildcard $(linux_from)/Kbuild),)
$(error LINUX_DIR=$(LINUX_DIR): there is no Linux source)
endif
linux_trusted := $(linux_obj)/.trusted $(wildcard $(O)/modules/*/.trusted)
linux_makefiles := Makefile|/arch/$(processor_srcarch)/Makefile
linux_of_config := /Kconfig|/configs/|^$(linux_from)($$|/$(linux_makefiles)|/scripts)
linux_changed := $(shell src/engine/changed '$(if $(dry),,$(O)/linux/changed)' \
	$(O)/host/newer $(linux_from) $(abspath $(O)) $(linux_trusted) | \
	sed -nE -e '1i any' -e '\,$(linux_of_config)|^all$$,p')
$(call searched,LINUX_DIR)
endif

# kCFI is called CFI since 6.18: the fragment depends on the source, which must be fetched first.
linux_kcfi := $(if $(CONFIG_LINUX_KCFI),$(O)/linux/kcfi.config)

# The user's .kunitconfig, or one of the source, which must be fetched first
linux_kunit := $(if $(CONFIG_LINUX_KUNIT_HAS_FILE),$(O)/linux/kunit.config)
linux_kunit_named := $(if $(linux_kunit),$(call config_names,LINUX_KUNIT_FILE))
linux_kunit_in := $(foreach f,$(if $(linux_kunit_named),$(linux_kunit_named) \
	$(linux_from)/$(linux_kunit_named)),$(call file_there,$(f)) $(wildcard $(f)/.kunitconfig))

# Options that the programs of these folders need
linux_kselftest := $(if $(CONFIG_LINUX_KSELFTEST),$(O)/linux/kselftest.config)
linux_kselftest_named := $(if $(linux_kselftest),$(call config_names,LINUX_KSELFTEST_TARGETS))
linux_kselftest_in := $(wildcard $(patsubst \
	%,$(linux_from)/tools/testing/selftests/%/config,$(linux_kselftest_named)))

# Options that dkms.conf requires
linux_dkms := $(if $(folders_dkms),$(O)/linux/dkms.config)
linux_composed := $(linux_dkms) $(linux_kcfi) $(linux_kunit) $(linux_kselftest)

# The objects that have counters: all of the lab's modules, and those of some folders of the kernel.
# Kbuild expands this for each object; it is in the environment, so that GCOV_PROFILE := n in a
# makefile overrides it.
linux_gcov_named := $(if $(CONFIG_LINUX_GCOV),$(call config_names,LINUX_GCOV_FOLDERS))
linux_gcov_files := $(filter %.c,$(linux_gcov_named))
linux_gcov_folders := $(patsubst %/,%,$(filter-out %.c,$(linux_gcov_named)))
linux_gcov := $(strip $(linux_gcov_files:.c=.o) $(addsuffix /%,$(linux_gcov_folders) \
	$(if $(CONFIG_LINUX_GCOV_MODULES),drivers/kiln)))
linux_gcov_outside := $(if $(CONFIG_LINUX_GCOV_MODULES),$$(KBUILD_EXTMOD))
linux_gcov_make := $(if $(linux_gcov),env GCOV_PROFILE='$$(if \
	$$(or $$(filter $(linux_gcov),$$@),$(linux_gcov_outside)),y)')

# Later fragments override earlier ones: the menu's, the user's, and the changes kept by
# linux-menuconfig.
linux-y := lab agent
linux-$(CONFIG_LINUX_FILE) += file
linux-$(CONFIG_LINUX_SMP) += smp
linux-$(CONFIG_LINUX_PRINTK_CALLER) += printk-caller
linux-$(CONFIG_LINUX_DEBUG_INFO) += debug-info
linux-$(or $(CONFIG_LINUX_DEBUG_INFO),$(CONFIG_VM_DUMP)) += dump
linux-$(CONFIG_LINUX_GDB_SCRIPTS) += gdb-scripts
linux-$(CONFIG_LINUX_FRAME_POINTER) += frame-pointer
linux-$(CONFIG_LINUX_NO_KASLR) += no-kaslr
linux-$(CONFIG_LINUX_DYNAMIC_DEBUG) += dynamic-debug
linux-$(CONFIG_LINUX_KASAN) += kasan
linux-$(CONFIG_LINUX_UBSAN) += ubsan
linux-$(CONFIG_LINUX_KMEMLEAK) += kmemleak
linux-$(CONFIG_LINUX_LOCKDEP) += lockdep
linux-$(CONFIG_LINUX_STALLS) += stalls
linux-$(CONFIG_LINUX_CHECKS) += checks
linux-$(CONFIG_LINUX_FTRACE) += ftrace
linux-$(CONFIG_LINUX_KPROBES) += kprobes
linux-$(CONFIG_LINUX_PERF) += perf
linux-$(CONFIG_LINUX_GCOV) += gcov
linux-$(CONFIG_LINUX_KUNIT) += kunit
linux-$(CONFIG_LINUX_KSELFTEST) += kselftest
linux-$(if $(linux_kunit),,$(CONFIG_LINUX_KUNIT)) += \
	kunit-$(if $(CONFIG_LINUX_KUNIT_BUILTIN),builtin,modules)
linux-$(CONFIG_LINUX_BPF) += bpf
linux-$(and $(CONFIG_LINUX_BPF),$(CONFIG_MODULES)) += bpf-modules
linux-$(CONFIG_LINUX_BPF_FENTRY) += bpf-fentry
linux-$(CONFIG_LINUX_BPF_CGROUP) += bpf-cgroup
linux-$(CONFIG_LINUX_BPF_LSM) += bpf-lsm
linux-$(CONFIG_LINUX_KHEADERS) += kheaders
linux-$(CONFIG_LINUX_LTO_THIN) += lto-thin
linux-$(CONFIG_LINUX_RUST) += rust
linux-$(CONFIG_LINUX_RUST_SAMPLES) += rust-samples
linux-$(CONFIG_MODULES) += modules
linux-$(CONFIG_VM_MMIO) += virtio-mmio
linux-$(if $(CONFIG_VM_MMIO),,y) += virtio-pci
linux-$(CONFIG_VM_NET) += virtio-net
linux-$(CONFIG_VM_9P) += 9p
linux-$(CONFIG_VM_VIRTIOFS) += virtio-fs
linux-$(CONFIG_VM_BLK) += virtio-blk
linux-$(or $(CONFIG_VM_SCSI),$(CONFIG_ROOTFS_VIRTIO_SCSI)) += scsi
linux-$(CONFIG_ROOTFS_IDE) += ide
linux-$(CONFIG_VM_NVME) += nvme
linux-$(CONFIG_VM_MEM) += virtio-mem
linux-$(CONFIG_VM_NUMA) += numa
linux-$(or $(CONFIG_ROOTFS_EXT4),$(CONFIG_VM_DISKS_EXT4)) += ext4
linux-$(or $(CONFIG_ROOTFS_EXT4),$(CONFIG_VM_HAS_DISKS)) += partitions
linux-$(CONFIG_ROOTFS_COPY_ON_WRITE) += overlay
linux-$(if $(CONFIG_ROOTFS_INITRAMFS),$(CONFIG_ROOTFS_SWITCH),y) += distribution
linux-$(or $(CONFIG_DEBIAN_SYSTEMD),$(CONFIG_ROOTFS_ARCH),$(CONFIG_ROOTFS_FILE_SYSTEMD)) += systemd

# The linux.config of a module is next to its Kbuild.
linux_of_modules := $(if $(CONFIG_MODULES),$(linux_dkms) $(wildcard kmod/*/linux.config \
	$(patsubst %,%/linux.config,$(filter-out $(folders_fetched),$(folders_yours)))))

linux_asked := $(call processor_fragments,$(linux-y)) $(call device_files,linux.config) \
	$(if $(CONFIG_VM_MMIO),,$(call device_files,linux-pci.config)) $(linux_kcfi) \
	$(addprefix -- ,$(linux_of_modules) $(call external_files,linux.config) \
		$(linux_kunit) $(linux_kselftest)) \
	$(if $(CONFIG_LINUX_HAS_FRAGMENTS),-- $(call config_files,LINUX_FRAGMENTS)) \
	$(addprefix -- ,$(wildcard $(O)/linux.config))
linux_fragments := $(filter-out --,$(linux_asked))

# With DQIB's own kernel none is built.
linux_is_built := $(if $(CONFIG_ROOTFS_DQIB_KERNEL),,y)

# The configuration that the fragments are added to, and the goal that sets all other options.
ifneq ($(CONFIG_LINUX_FILE),)
linux_file := $(call config_files,LINUX_FILE_NAME)
linux_packed := $(filter %.gz %.xz %.zst %.bz2,$(linux_file))
linux_base := $(if $(linux_packed),$(O)/linux/base.config,$(linux_file))
else ifneq ($(CONFIG_LINUX_TINY),)
linux_base := $(addprefix $(linux_src)/,kernel/configs/tiny-base.config \
	kernel/configs/tiny.config $(processor_tiny)) \
	$(if $(CONFIG_LINUX_KASAN)$(CONFIG_LINUX_DEBUG_INFO),recipes/linux/slub-tiny.config) \
	$(call device_files,linux-base.config)
else
linux_base := $(addprefix $(linux_src)/,$(processor_defconfig))
endif
linux_answers := $(if $(CONFIG_LINUX_TINY),allnoconfig,alldefconfig)

# With KASAN the kernel is not optimized for size, and a call of memset at the address where QEMU
# enters the kernel would fault.  The flags are in KCFLAGS, but with Rust in CC, because bindgen
# passes KCFLAGS to clang.
linux_stringop := $(if $(and $(CONFIG_LINUX_TINY),$(CONFIG_LINUX_GNU)),$(if \
	$(CONFIG_LINUX_KASAN),,$(processor_tiny_cflags)))

# Not empty if the variable $(1) was given on the command line.
linux_typed = $(filter command%,$(origin $(1)))

# Paths in debug information are mapped to fixed ones, and so is a module's __FILE__; Kbuild does
# that for the kernel's own.  The flags are in CC, because arch/x86/boot has flags of its own; and
# in HOSTCC, because objtool is in the package of the headers, and other host programs would be
# compiled again if HOSTCC differed from CC; but with Rust it must be one word, because rustc links
# with it.
linux_llvm := $(addprefix -,$(filter-out 0,$(CONFIG_LINUX_LLVM_VERSION)))
linux_gcc := $(processor_cross)gcc$(addprefix -,$(filter-out 0,$(CONFIG_LINUX_GNU_VERSION)))
linux_chosen := $(if $(CONFIG_LINUX_LLVM),clang$(linux_llvm),$(linux_gcc))
linux_compiler := $(if $(call linux_typed,CC),$(CC),$(linux_chosen))
linux_maps := $(abspath $(linux_src))=/kiln/linux $(linux_obj)=/kiln/build
# With a team's cache, ccache gives the compiler relative paths.
linux_near := $(if $(CONFIG_HOST_CCACHE_SHARED),$(shell realpath -m --relative-to=$(linux_obj) \
	$(linux_src)))
linux_maps += $(addsuffix =/kiln/linux,$(linux_near))
linux_modules_map := $(abspath $(O))/modules=/kiln/kmod
linux_cc := $(strip $(linux_compiler) $(addprefix -fdebug-prefix-map=,$(linux_maps)) \
	$(patsubst %,-fmacro-prefix-map=%/=,$(linux_near)) \
	-ffile-prefix-map=$(linux_modules_map) $(if $(CONFIG_LINUX_RUST),$(linux_stringop)))
linux_krustflags := $(addprefix --remap-path-prefix=,$(linux_maps) $(linux_modules_map))
linux_tools := $(call toolchain_versions,$(call quote,$(linux_compiler)) \
	$(if $(CONFIG_LINUX_LLVM),ld.lld$(linux_llvm),$(processor_cross)ld) \
	$(if $(CONFIG_LINUX_RUST),rustc bindgen))

linux_kcflags := $(if $(CONFIG_LINUX_RUST),,$(linux_stringop)) \
	$(if $(call linux_typed,KCFLAGS),$(KCFLAGS))
linux_cached_cc := $(strip $(ccache) $(linux_cc))
linux_hostcc := $(if $(CONFIG_LINUX_RUST),$(linux_compiler),$(if $(processor_cross),$(strip \
	$(ccache) $(linux_cc:$(processor_cross)%=%)),$(linux_cached_cc)))

# The same source gives the same bits, whoever builds it, where and when.  A given LOCALVERSION
# keeps the state of a git tree out of the release.  bindeb-pkg uses the package's revision as
# KBUILD_BUILD_VERSION, and would link again.  The version of the user's rustc gets into the
# configuration even if no Rust is compiled.
linux_vars := $(processor_make) KBUILD_BUILD_USER=kiln KBUILD_BUILD_HOST=kiln \
	KBUILD_BUILD_VERSION=$(or $(CONFIG_DEB_REVISION),1) \
	KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' \
	LOCALVERSION=$(CONFIG_LINUX_LOCALVERSION) \
	$(if $(CONFIG_LINUX_LLVM),LLVM=$(or $(linux_llvm),1)) \
	CC=$(call quote,$(linux_cached_cc)) \
	HOSTCC=$(call quote,$(linux_hostcc)) \
	KCFLAGS=$(call quote,$(strip $(linux_kcflags))) \
	$(if $(CONFIG_LINUX_RUST),KRUSTFLAGS=$(call quote,$(linux_krustflags)),RUSTC=false) \
	$(foreach v,W C CHECK CF KAFLAGS,$(if $(call linux_typed,$(v)),$(v)=$(call quote,$($(v)))))
linux_shield := $(if $(linux_farmed),recipes/linux/shield $(linux_from) $(abspath $(O)))
linux_make := $(strip $(linux_gcov_make) $(linux_shield) $(toolchain_make)) -C $(linux_src) \
	O=$(linux_obj) $(linux_vars)

# Kconfig tests some sixty compiler options each time it reads the menu; the output goes to
# /dev/null, which ccache cannot cache.
linux_make_config := $(linux_make) $(if $(ccache),CC=$(call quote,$(linux_cc)))

# Removes files from $(1), Kbuild's output folder, that Kbuild would wrongly keep.
linux_distrust = src/engine/distrust $(1) $(or $(linux_tree),$(linux_src)) $(linux_tools) \
	$(if $(LINUX_DIR),$(O)/linux/changed)

# Runs one of the lab's programs on the kernel's menu, in the environment of Kconfig.  It is
# compiled against that kernel's Kconfig, whose language differs between versions.
linux_ask = program=$$(recipes/linux/kconfig $(linux_src) \
	$(abspath $(kconfig))/$(1) $(abspath $(O))/linux/$(1)); \
	recipes/linux/ask $(linux_obj) $(linux_make_config) -- $(toolchain_enter) \
	"$$program" $(2) -C $(linux_obj) Kconfig $(linux_obj)/.config

## ARGS=: Goals and variables passed to the kernel's own make, with the goal linux
linux_args := $(if $(filter linux,$(goals)),$(ARGS))
linux_steps := $(if $(linux_farmed),farm,$(if $(linux_copied),patch)) configure \
	$(if $(builtin),builtin) $(if $(linux_args),,build)

linux_patch_in := $(linux_fetched) recipes/linux/patch $(shell_lib)
linux_patch_out := $(O)/linux/src/.touched
define linux_patch
	# $(linux_patches)
	recipes/linux/patch apply $(if $(builtin),-l) $(or $(linux_series),/dev/null) \
		$(linux_from) $(O)/linux/src
endef

linux_farm_in := recipes/linux/farm $(O)/host/farm $(shell_lib) $(if $(linux_changed),FORCE)
linux_farm_out := $(O)/linux/farm
define linux_farm
	# $(builtin)
	recipes/linux/farm $(O)/host/farm $(linux_from) $(abspath $(O)) $(O)/linux/changed
endef

linux_builtin_in = recipes/linux/builtin recipes/modules/copy $(shell_lib) $(builtin_files)
linux_builtin_out := $(O)/linux/src/drivers/kiln/Kbuild
define linux_builtin
	recipes/linux/builtin $(if $(linux_farmed),-l $(abspath $(O))/linux/builtin) \
		$(linux_from) $(O)/linux/src $(builtin_folders)
endef

linux_samples := $(if $(CONFIG_LINUX_RUST_SAMPLES),$(O)/linux/rust-samples)
linux_suites := $(if $(CONFIG_LINUX_KUNIT),$(if $(linux_kunit),,$(O)/linux/kunit-suites))
linux_rust_tools := $(if $(toolchain),,: choose those of a Debian release in the menu)
linux_no_rust = { echo 'linux: this kernel needs other tools for Rust$(linux_rust_tools)'; exit 1; }
linux_try = $(call linux_ask,check) $(1) || echo 'these $(2) in this kernel'
linux_lines := lines of $(linux_base) do not hold

linux_configure_in := $(toolchain) recipes/modules/missing $(if $(linux_copied),,$(linux_fetched)) \
	$(filter-out $(linux_composed),$(linux_fragments)) $(linux_kunit_in) $(linux_kselftest_in) \
	$(patsubst $(O)/%,recipes/%,$(linux_kcfi) $(linux_samples) $(linux_suites)) \
	$(if $(CONFIG_LINUX_FILE),$(linux_file),$(filter recipes/%,$(linux_base))) \
	$(kconfig)/check recipes/linux/ask recipes/linux/kconfig recipes/linux/compose \
	src/engine/distrust $(shell_lib) $(call configs,LINUX,LOCALVERSION GCOV_FOLDERS KUNIT_FILE \
	KSELFTEST_TARGETS) \
	$(if $(linux_dkms),recipes/modules/dkms $(dkms_fetched) $(patsubst \
		%,%/dkms.conf,$(filter-out $(folders_fetched),$(folders_dkms)))) \
	$(if $(filter-out any,$(linux_changed)),FORCE)
linux_configure_out := $(linux_obj)/.config
linux_configure_before = $(call refuse_edited,linux,$(call linux_ask,check,-k))
define linux_configure
	$(call linux_distrust,$(linux_obj))
	$(if $(CONFIG_LINUX_RUST),$(linux_make) rustavailable || $(linux_no_rust))
	$(if $(linux_dkms),recipes/modules/dkms asks $(linux_src) $(linux_dkms) $(folders_dkms))
	recipes/linux/compose $(auto_conf) '$(CONFIG_LINUX_LOCALVERSION)' $(linux_src) $(O)/linux \
		$(linux_base) -- $(linux_samples) $(linux_suites) $(linux_fragments)
	rm -f $(O)/linux/left
	$(linux_make_config) KCONFIG_ALLCONFIG=$(abspath $(O))/linux/wanted $(linux_answers)
	src/engine/edited note $(linux_obj)/.config $(O)/linux/left
	$(if $(CONFIG_LINUX_FILE),$(call linux_try,$(linux_base),$(linux_lines)))
	$(if $(linux_samples),$(call linux_try,$(linux_samples),samples cannot be had))
	$(call linux_ask,check) $(linux_asked) || recipes/modules/missing needs \
		$(O)/linux.config $(linux_of_modules) $(if $(folders_fetched),$(O)/linux.config) \
		<$(O)/linux/configure.log
endef

linux_goals := $(or $(notdir $(processor_image)),vmlinux) \
	$(if $(CONFIG_LINUX_GDB_SCRIPTS),scripts_gdb) \
	$(if $(CONFIG_LINUX_BZIMAGE),$(notdir $(processor_boot))) $(if $(CONFIG_MODULES),modules)
linux_strip := $(toolchain_enter) $(if $(CONFIG_LINUX_LLVM),llvm-strip$(linux_llvm),strip)
linux_boot := $(if $(processor_image),cp $(linux_obj)/$(processor_image),$(linux_strip) \
	-s $(linux_obj)/vmlinux -o)

linux_build_in := $(toolchain) src/engine/distrust $(if $(linux_changed),FORCE)
linux_booted := $(O)/$(processor_kernel)
linux_build_out := $(linux_obj)/vmlinux $(linux_booted) \
	$(if $(CONFIG_LINUX_BZIMAGE),$(linux_obj)/$(processor_boot))
linux_distcc := $(if $(CONFIG_HOST_DISTCC_USED),recipes/host/distcc $(O) \
	$(linux_compiler)$(space))
## linux: Build the kernel; ARGS='kernel/fork.o': any goal of its own make
define linux_build
	$(call linux_distrust,$(linux_obj))
	$(linux_distcc)$(linux_make) $(linux_goals) $(linux_named)
	$(if $(linux_farmed),recipes/linux/farm check $(O))
	$(linux_boot) $(linux_booted)
endef

$(call recipe,linux,$(linux_is_built))

$(if $(LINUX_DIR),$(O)/linux/.configure: | $(O)/host/newer)

## linux-update: Fetch a newer source (also busybox-update, qemu-update, modules-update)
$(eval $(call source_update,linux,$(linux_fetched)))

# The programs of the lab's own menu.  Compiled once: another version of the
# kernel does not need another menu.
kconfig_from := $(or $(linux_tree),$(DL)/$(linux_default))
kconfig_fetched := $(if $(LINUX_DIR),,$(kconfig_from)/.fetched)
kconfig_programs := $(addprefix $(kconfig)/,conf mconf nconf check keep)
# -n takes them as they are: make would build them even then, for a makefile depends on them.
kconfig_own := $(if $(dry),,$(wildcard src/kconfig/*.[ch]) recipes/linux/kconfig)
$(kconfig)/check $(kconfig)/keep: $(kconfig_own)
$(kconfig_programs): | $(if $(dry),,$(kconfig_fetched) $(O)/host/step)
	@$(call step,host,$(@F),$(@D)/.$(@F),recipes/linux/kconfig $(kconfig_from) $@)

ifneq ($(linux_args),)
linux:
	@$(plus)$(linux_make) $(linux_args) $(linux_named)
	$(if $(linux_farmed),recipes/linux/farm check $(O))
endif

.PHONY: linux-menuconfig linux-nconfig linux-savedefconfig

linux_keep = $(call linux_ask,keep,$(if $(CONFIG_LINUX_TINY),-n)) $(O)/linux.config \
	$(linux_base) -- $(linux_asked); \
	src/engine/edited note $(linux_obj)/.config $(O)/linux/left
linux_keep_edited = $(call linux_ask,check,-k) $(linux_obj)/.config; $(linux_keep)

## linux-menuconfig: Change the kernel's options; your changes are kept in $(O)/linux.config
linux-menuconfig linux-nconfig: $(O)/linux/.configure | $(kconfig)/keep
	@$(plus)$(linux_make) $(@:linux-%=%)
	$(linux_keep)

# Run before a step writes it again.
ifneq ($(filter linux-savedefconfig,$(goals)),)
linux_edited := $(shell src/engine/edited lines $(linux_obj)/.config $(O)/linux/left)
endif

## linux-savedefconfig: Keep changes made in $(O)/linux/build/.config, and write a minimal one
linux-savedefconfig: $(if $(linux_edited),,$(O)/linux/.configure) | $(kconfig)/keep
	@$(plus)$(if $(linux_edited),$(linux_keep_edited))
	$(linux_make) -s savedefconfig
	mv $(linux_obj)/defconfig $(O)/linux/defconfig
	echo '$(O)/linux/defconfig holds what differs from the defaults'
