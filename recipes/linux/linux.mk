# SPDX-License-Identifier: GPL-2.0-only
#
# linux - the kernel: $(O)/linux/vmlinux.stripped is what the machine boots,
# $(O)/linux/build is Kbuild's O=

# The lab's own menu is made of the default source, before anything is chosen.
linux_default := linux-source-6.12
fetch_$(linux_default) := package $(linux_default)
linux_release := v$(firstword $(subst ., ,$(CONFIG_LINUX_RELEASE_VERSION))).x/linux-$(CONFIG_LINUX_RELEASE_VERSION).tar.xz
linux_tree := $(if $(LINUX_DIR),$(or $(realpath $(LINUX_DIR)),$(LINUX_DIR)))
linux_from := $(or $(linux_tree),$(DL)/$(call source_name,LINUX,$(linux_default),$(linux_release),recipes/linux/linux.hash))
linux_fetched := $(if $(LINUX_DIR),,$(linux_from)/.fetched)
linux_obj := $(abspath $(O))/linux/build

# Patches are applied to a copy.  Any change in them changes this text.
ifneq ($(and $(CONFIG_LINUX_HAS_PATCHES),$(lab_goals)),)
linux_series := $(call config_files,LINUX_PATCHES)
linux_patches := $(if $(linux_series),$(shell recipes/linux/patch list $(linux_series)))
$(if $(linux_patches),,$(call config_error,LINUX_PATCHES=$(linux_series): not all of them are there))
$(if $(LINUX_DIR),$(call config_error,LINUX_PATCHES=$(linux_series) is not for LINUX_DIR: that tree is yours to patch))
endif
linux_src := $(if $(linux_patches),$(abspath $(O))/linux/src,$(linux_from))

## LINUX_DIR=: A kernel tree of yours, which is read and never written to
# A tree of the user's own is walked at every make; Kbuild is entered when
# something changed, and the configuration made anew when a Kconfig file did.
ifneq ($(and $(LINUX_DIR),$(filter-out module,$(lab_goals))),)
ifeq ($(wildcard $(linux_from)/Kbuild),)
$(error LINUX_DIR=$(LINUX_DIR): there is no Linux source)
endif
ifneq ($(wildcard $(addprefix $(linux_src)/,.config include/config arch/x86/include/generated)),)
$(error LINUX_DIR=$(LINUX_DIR) was built in place, so Kbuild cannot build it \
	elsewhere; make -C $(linux_src) mrproper takes what was built there away)
endif
linux_changed := $(shell recipes/changed '$(if $(dry),,$(O)/linux/changed)' $(O)/host/newer $(linux_src) \
	$(abspath $(O)) $(linux_obj)/.trusted $(wildcard $(O)/modules/*/.trusted) | sed -nE \
	-e '1i any' -e '\,/Kconfig|/configs/|^$(linux_src)($$|/Makefile|/arch/x86/Makefile|/scripts)|^all$$,p')$(call searched,LINUX_DIR)
endif

# kCFI is CFI since 6.18: the fragment as the source has it, which is to be fetched first.
linux_kcfi := $(if $(CONFIG_LINUX_KCFI),$(O)/linux/kcfi.config)

# Later lines have the say: what the menu asks for, the user's own fragments, and
# what linux-menuconfig kept.
linux_asked := $(patsubst %,recipes/linux/%.config,lab agent \
	$(if $(CONFIG_LINUX_FILE),file) \
	$(if $(CONFIG_LINUX_SMP),smp) \
	$(if $(CONFIG_LINUX_DEBUG_INFO),debug-info) \
	$(if $(CONFIG_LINUX_GDB_SCRIPTS),gdb-scripts) \
	$(if $(CONFIG_LINUX_FRAME_POINTER),frame-pointer) \
	$(if $(CONFIG_LINUX_NO_KASLR),no-kaslr) \
	$(if $(CONFIG_LINUX_DYNAMIC_DEBUG),dynamic-debug) \
	$(if $(CONFIG_LINUX_KASAN),kasan) \
	$(if $(CONFIG_LINUX_UBSAN),ubsan) \
	$(if $(CONFIG_LINUX_KMEMLEAK),kmemleak) \
	$(if $(CONFIG_LINUX_LOCKDEP),lockdep) \
	$(if $(CONFIG_LINUX_STALLS),stalls) \
	$(if $(CONFIG_LINUX_CHECKS),checks) \
	$(if $(CONFIG_LINUX_FTRACE),ftrace) \
	$(if $(CONFIG_LINUX_KPROBES),kprobes) \
	$(if $(CONFIG_LINUX_LTO_THIN),lto-thin) \
	$(if $(CONFIG_LINUX_RUST),rust) \
	$(if $(CONFIG_LINUX_RUST_SAMPLES),rust-samples) \
	$(if $(CONFIG_MODULES),modules) \
	$(if $(CONFIG_VM_MICROVM),virtio-mmio,virtio-pci) \
	$(if $(CONFIG_VM_NET),virtio-net) \
	$(if $(CONFIG_VM_RNG),virtio-rng) \
	$(if $(CONFIG_VM_PVPANIC),pvpanic) \
	$(if $(CONFIG_VM_9P),9p) \
	$(if $(CONFIG_VM_VIRTIOFS),virtio-fs) \
	$(if $(CONFIG_VM_BLK),virtio-blk) \
	$(if $(CONFIG_VM_SCSI)$(CONFIG_ROOTFS_VIRTIO_SCSI),scsi) \
	$(if $(CONFIG_ROOTFS_IDE),ide) \
	$(if $(CONFIG_VM_NVME),nvme) \
	$(if $(CONFIG_VM_BALLOON),virtio-balloon) \
	$(if $(CONFIG_VM_MEM),virtio-mem) \
	$(if $(CONFIG_VM_NUMA),numa) \
	$(if $(CONFIG_VM_WATCHDOG),watchdog) \
	$(if $(CONFIG_VM_CRYPTO),virtio-crypto) \
	$(if $(CONFIG_VM_GPU),virtio-gpu) \
	$(if $(CONFIG_VM_INPUT),virtio-input) \
	$(if $(CONFIG_VM_IOMMU),virtio-iommu) \
	$(if $(CONFIG_VM_SOUND),sound) \
	$(if $(CONFIG_VM_VSOCK),virtio-vsock) \
	$(if $(CONFIG_ROOTFS_EXT4)$(CONFIG_VM_DISKS_EXT4),ext4) \
	$(if $(CONFIG_ROOTFS_EXT4)$(CONFIG_VM_HAS_DISKS),partitions) \
	$(if $(CONFIG_ROOTFS_COPY_ON_WRITE),overlay) \
	$(if $(filter-out $(CONFIG_ROOTFS_INITRAMFS),y)$(CONFIG_ROOTFS_SWITCH),distribution) \
	$(if $(CONFIG_DEBIAN_SYSTEMD)$(CONFIG_ROOTFS_ARCH)$(CONFIG_ROOTFS_FILE_SYSTEMD),systemd)) $(linux_kcfi) \
	$(if $(CONFIG_LINUX_HAS_FRAGMENTS),-- $(call config_files,LINUX_FRAGMENTS)) \
	$(addprefix -- ,$(wildcard $(O)/linux.config))
linux_fragments := $(filter-out --,$(linux_asked))

# The user's machine may have its own.
linux_is_built := $(if $(CONFIG_ROOTFS_DQIB_KERNEL),,y)

# What the fragments are added to, and who answers what neither of them says.
linux_base := $(if $(CONFIG_LINUX_FILE),$(call config_files,LINUX_FILE_NAME),$(addprefix $(linux_src)/,$(if \
	$(CONFIG_LINUX_TINY),kernel/configs/tiny-base.config kernel/configs/tiny.config arch/x86/configs/tiny.config, \
	arch/x86/configs/x86_64_defconfig kernel/configs/kvm_guest.config)) \
	$(if $(and $(CONFIG_LINUX_TINY),$(CONFIG_LINUX_KASAN)$(CONFIG_LINUX_DEBUG_INFO)),recipes/linux/slub-tiny.config) \
	$(if $(and $(CONFIG_LINUX_TINY),$(CONFIG_VM_GPU)$(CONFIG_VM_CRYPTO)),recipes/linux/defaults.config))
linux_answers := $(if $(CONFIG_LINUX_TINY),allnoconfig,alldefconfig)

# The tiny kernel is optimized for size, and gcc then turns each memset into an
# instruction that TCG runs byte by byte: a fifth of the time to boot.  With KASAN
# it is not, and a memset that is called faults where QEMU enters the kernel.  It is
# in KCFLAGS, but for Rust in CC, for bindgen passes KCFLAGS to clang.
linux_stringop := $(if $(and $(CONFIG_LINUX_TINY),$(CONFIG_LINUX_GNU)),$(if \
	$(CONFIG_LINUX_KASAN),,-mstringop-strategy=libcall))

# Debugging information names folders that are the same everywhere, and so does a
# module's __FILE__; Kbuild sees to that for the kernel's own.  In CC, for
# arch/x86/boot has flags of its own; in HOSTCC, for objtool is in the package of
# the headers, and the other programs there would be compiled again if it were not CC;
# but with Rust it must be one word, for rustc links with it.
linux_llvm := $(addprefix -,$(filter-out 0,$(CONFIG_LINUX_LLVM_VERSION)))
linux_gcc := gcc$(addprefix -,$(filter-out 0,$(CONFIG_LINUX_GNU_VERSION)))
linux_compiler := $(if $(filter command%,$(origin CC)),$(CC),$(if $(CONFIG_LINUX_LLVM),clang$(linux_llvm),$(linux_gcc)))
linux_maps := $(abspath $(linux_src))=/kiln/linux $(linux_obj)=/kiln/build
linux_modules_map := $(abspath $(O))/modules=/kiln/kmod
linux_cc := $(strip $(linux_compiler) $(addprefix -fdebug-prefix-map=,$(linux_maps)) \
	-ffile-prefix-map=$(linux_modules_map) $(if $(CONFIG_LINUX_RUST),$(linux_stringop)))
linux_krustflags := $(addprefix --remap-path-prefix=,$(linux_maps) $(linux_modules_map))
linux_tools := $(call toolchain_versions,$(call quote,$(linux_compiler)) \
	$(if $(CONFIG_LINUX_LLVM),ld.lld$(linux_llvm),ld) $(if $(CONFIG_LINUX_RUST),rustc bindgen))

linux_kcflags := $(if $(CONFIG_LINUX_RUST),,$(linux_stringop)) $(if $(filter command%,$(origin KCFLAGS)),$(KCFLAGS))

# The same source gives the same bits, whoever builds it, where and when; a given
# LOCALVERSION keeps the state of a git tree out of the release.  bindeb-pkg takes
# the package's revision for KBUILD_BUILD_VERSION, and would link anew.  Which rustc
# a user has is in the configuration even where nothing is compiled by it.
## CC=, KCFLAGS=, W=, C=, ...: What they are to the kernel's own make
linux_vars := KBUILD_BUILD_USER=kiln KBUILD_BUILD_HOST=kiln \
	KBUILD_BUILD_VERSION=$(or $(CONFIG_DEB_REVISION),1) \
	KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' \
	LOCALVERSION=$(CONFIG_LINUX_LOCALVERSION) $(if $(CONFIG_LINUX_LLVM),LLVM=$(or $(linux_llvm),1)) \
	CC=$(call quote,$(strip $(ccache) $(linux_cc))) \
	HOSTCC=$(call quote,$(if $(CONFIG_LINUX_RUST),$(linux_compiler),$(strip $(ccache) $(linux_cc)))) \
	KCFLAGS=$(call quote,$(strip $(linux_kcflags))) \
	$(if $(CONFIG_LINUX_RUST),KRUSTFLAGS=$(call quote,$(linux_krustflags)),RUSTC=false) \
	$(foreach v,W C CHECK CF KAFLAGS,$(if $(filter command%,$(origin $(v))),$(v)=$(call quote,$($(v)))))
linux_make := $(toolchain_make) -C $(linux_src) O=$(linux_obj) $(linux_vars)

# Kconfig tries some sixty options of the compiler each time that it reads the
# menu, and writes to /dev/null, which ccache cannot keep.
linux_make_config := $(linux_make) $(if $(ccache),CC=$(call quote,$(linux_cc)))

# Takes out of $(1), where Kbuild works, what it would keep in error.
linux_distrust = recipes/distrust $(1) $(linux_src) $(linux_tools) $(if $(LINUX_DIR),$(O)/linux/changed)

# Runs a program of ours on the kernel's menu, where Kbuild would run Kconfig.
# It must know the language of that menu, which changes from version to version.
linux_ask = program=$$(recipes/linux/kconfig $(linux_src) $(abspath $(kconfig))/$(1) $(abspath $(O))/linux/$(1)); \
	recipes/linux/ask $(linux_obj) $(linux_make_config) -- $(toolchain_enter) \
	"$$program" $(2) -C $(linux_obj) Kconfig $(linux_obj)/.config

## ARGS=: Goals and variables of the kernel's own make, with the goal linux
linux_steps := $(if $(linux_patches),patch) configure $(if $(and $(ARGS),$(filter linux,$(goals))),,build)

linux_patch_in := $(linux_fetched) recipes/linux/patch
linux_patch_out := $(O)/linux/src/.touched
define linux_patch
	# $(linux_patches)
	recipes/linux/patch apply $(linux_series) $(linux_from) $(O)/linux/src
endef

linux_samples := $(if $(CONFIG_LINUX_RUST_SAMPLES),$(O)/linux/rust-samples)
linux_configure_in := $(toolchain) $(if $(linux_patches),,$(linux_fetched)) $(linux_fragments:$(O)/linux/kcfi.config=recipes/linux/kcfi.config) $(if $(CONFIG_LINUX_FILE),$(linux_base),$(filter recipes/%,$(linux_base))) \
	$(kconfig)/check recipes/linux/ask recipes/linux/kconfig recipes/distrust recipes/config-value \
	$(if $(linux_samples),recipes/linux/rust-samples) $(call config,LINUX_LOCALVERSION) $(if $(filter-out any,$(linux_changed)),FORCE)
linux_configure_out := $(linux_obj)/.config
linux_configure_before = $(call refuse_edited,linux,$(call linux_ask,check,-k))
define linux_configure
	$(if $(linux_base),,echo 'LINUX_FILE_NAME is empty: name the file to start from (make menuconfig)'; exit 1)
	if [ "$$(recipes/config-value $(auto_conf) LINUX_LOCALVERSION)" != '$(CONFIG_LINUX_LOCALVERSION)' ]; then
		echo 'linux: CONFIG_LINUX_LOCALVERSION has other characters than letters, digits and . + - _' >&2
		exit 1
	fi
	$(call linux_distrust,$(linux_obj))
	$(if $(linux_kcfi),sed "$$(grep -qsx 'config CFI' $(linux_src)/arch/Kconfig && echo s/_CLANG//)" recipes/linux/kcfi.config >$(linux_kcfi))
	$(if $(CONFIG_LINUX_RUST),$(linux_make) rustavailable ||
		{ echo 'linux: this kernel needs other tools for Rust$(if $(toolchain),,: choose those of a Debian release in the menu)'; exit 1; },
		if grep -x CONFIG_RUST=y $(linux_fragments) /dev/null; then
			echo 'linux: Rust is off in the menu (CONFIG_LINUX_RUST), which finds its tools'
			exit 1
		fi)
	$(if $(CONFIG_LINUX_RUST_SAMPLES),recipes/linux/rust-samples $(linux_src) >$(O)/linux/rust-samples)
	awk 1 $(linux_base) $(linux_samples) $(linux_fragments) >$(O)/linux/wanted
	rm -f $(O)/linux/left
	$(linux_make_config) KCONFIG_ALLCONFIG=$(abspath $(O))/linux/wanted $(linux_answers)
	recipes/edited note $(linux_obj)/.config $(O)/linux/left
	$(if $(CONFIG_LINUX_FILE),$(call linux_ask,check) $(linux_base) || echo 'these lines of $(linux_base) do not hold in this kernel')
	$(if $(linux_samples),$(call linux_ask,check) $(linux_samples) || echo 'these samples cannot be had in this kernel')
	$(call linux_ask,check) $(linux_asked)
endef

linux_build_in := $(toolchain) recipes/distrust $(if $(linux_changed),FORCE)
linux_build_out := $(linux_obj)/vmlinux $(O)/linux/vmlinux.stripped \
	$(if $(CONFIG_LINUX_BZIMAGE),$(linux_obj)/arch/x86/boot/bzImage)
## linux: Build the kernel; with ARGS='kernel/fork.o' any goal of its own make
define linux_build
	$(call linux_distrust,$(linux_obj))
	$(linux_make) vmlinux $(if $(CONFIG_LINUX_GDB_SCRIPTS),scripts_gdb) $(if $(CONFIG_LINUX_BZIMAGE),bzImage) $(if $(CONFIG_MODULES),modules)
	$(toolchain_enter) $(if $(CONFIG_LINUX_LLVM),llvm-strip$(linux_llvm),strip) -s -o $(O)/linux/vmlinux.stripped $(linux_obj)/vmlinux
endef

$(call recipe,linux,$(linux_is_built))

$(if $(LINUX_DIR),$(O)/linux/.configure: | $(O)/host/newer)

## linux-update: Fetch what is newer than the source that there is (also busybox-update)
$(eval $(call source_update,linux,$(linux_fetched)))

# The programs of the lab's own menu.  Compiled once: another version of the
# kernel does not need another menu.
kconfig_from := $(or $(linux_tree),$(DL)/$(linux_default))
$(kconfig)/check $(kconfig)/keep: $(wildcard src/kconfig/*.[ch]) recipes/linux/kconfig
$(kconfig)/conf $(kconfig)/mconf $(kconfig)/nconf $(kconfig)/check $(kconfig)/keep: | $(if $(LINUX_DIR),,$(kconfig_from)/.fetched) $(O)/host/step
	@$(call step,host,$(@F),$(@D)/.$(@F),recipes/linux/kconfig $(kconfig_from) $@)

ifneq ($(and $(ARGS),$(filter linux,$(goals))),)
linux:
	@$(plus)$(linux_make) $(ARGS)
endif

.PHONY: linux-menuconfig linux-nconfig linux-savedefconfig

linux_keep = $(call linux_ask,keep,$(if $(CONFIG_LINUX_TINY),-n)) $(O)/linux.config $(linux_base) -- $(linux_asked); \
	recipes/edited note $(linux_obj)/.config $(O)/linux/left

## linux-menuconfig: Change the kernel's options; what you change is kept in $(O)/linux.config
linux-menuconfig linux-nconfig: $(O)/linux/.configure | $(kconfig)/keep
	@$(plus)$(linux_make) $(@:linux-%=%)
	$(linux_keep)

# Before a step makes it anew.
linux_edited := $(if $(filter linux-savedefconfig,$(goals)),$(shell recipes/edited lines $(linux_obj)/.config $(O)/linux/left))

## linux-savedefconfig: Keep what was changed in $(O)/linux/build/.config, too; write the minimal configuration
linux-savedefconfig: $(if $(linux_edited),,$(O)/linux/.configure) | $(kconfig)/keep
	@$(plus)$(if $(linux_edited),$(call linux_ask,check,-k) $(linux_obj)/.config; $(linux_keep))
	$(linux_make) -s savedefconfig
	mv $(linux_obj)/defconfig $(O)/linux/defconfig
	echo '$(O)/linux/defconfig holds what differs from the defaults'
