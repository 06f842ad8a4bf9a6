# SPDX-License-Identifier: GPL-2.0-only
#
# linux - the kernel: $(O)/linux/vmlinux.stripped is what the machine boots,
# $(O)/linux/build is Kbuild's O=

linux_src := $(if $(LINUX_DIR),$(or $(realpath $(LINUX_DIR)),$(LINUX_DIR)),$(DL)/linux-source-6.12)
linux_fetched := $(if $(LINUX_DIR),,$(linux_src)/.fetched)
linux_obj := $(abspath $(O))/linux/build

# A tree of the user's own is walked at every make; Kbuild is entered when
# something changed, and the configuration made anew when a Kconfig file did.
ifneq ($(and $(LINUX_DIR),$(lab_goals)),)
ifeq ($(wildcard $(linux_src)/Kbuild),)
$(error LINUX_DIR=$(LINUX_DIR): there is no Linux source)
endif
ifneq ($(wildcard $(addprefix $(linux_src)/,.config include/config arch/x86/include/generated)),)
$(error LINUX_DIR=$(LINUX_DIR) was built in place, so Kbuild cannot build it \
	elsewhere; make -C $(linux_src) mrproper takes what was built there away)
endif
linux_changed := $(shell $(O)/host/newer $(O)/linux/.build $(linux_src) $(abspath $(O)) 2>/dev/null | sed -nE \
	-e '1i any' -e '\,/Kconfig|/configs/|^$(linux_src)($$|/Makefile|/arch/x86/Makefile|/scripts),p' || echo all)
endif

# The user's own fragment, which linux-menuconfig writes, has the last word.
linux_asked := $(patsubst %,recipes/linux/%.config,lab \
	$(if $(CONFIG_LINUX_SMP),smp) \
	$(if $(CONFIG_LINUX_DEBUG_INFO),debug-info) \
	$(if $(CONFIG_MODULES),modules) \
	$(if $(CONFIG_VM_MICROVM),virtio-mmio,virtio-pci) \
	$(if $(CONFIG_VM_NET),virtio-net) \
	$(if $(CONFIG_VM_RNG),virtio-rng)) \
	$(addprefix -- ,$(wildcard $(O)/linux.config))
linux_fragments := $(filter-out --,$(linux_asked))

# What the fragments are added to, and who answers what neither of them says.
linux_base := $(if $(CONFIG_LINUX_TINY),kernel/configs/tiny-base.config \
	kernel/configs/tiny.config arch/x86/configs/tiny.config,\
	arch/x86/configs/x86_64_defconfig kernel/configs/kvm_guest.config)
linux_answers := $(if $(CONFIG_LINUX_TINY),allnoconfig,alldefconfig)

# Debugging information names folders that are the same everywhere.  In CC, for
# arch/x86/boot has flags of its own.
linux_compiler := $(if $(filter command%,$(origin CC)),$(CC),$(if $(CONFIG_LINUX_LLVM),clang,gcc))
linux_cc := $(strip $(ccache) $(linux_compiler) $(foreach map,$(abspath $(linux_src))=/kiln/linux \
	$(linux_obj)=/kiln/build $(abspath $(O))/modules=/kiln/kmod,-fdebug-prefix-map=$(map)))
linux_tools := $(if $(lab_goals),$(shell for tool in $(call quote,$(linux_compiler)) \
	$(if $(CONFIG_LINUX_LLVM),ld.lld,ld); do $$tool --version | sed q; done))

# The tiny kernel is optimized for size, and gcc then turns each memset into an
# instruction that TCG runs byte by byte: a fifth of the time to boot.
linux_kcflags := $(if $(and $(CONFIG_LINUX_TINY),$(CONFIG_LINUX_GNU)),-mstringop-strategy=libcall)
linux_kcflags += $(if $(filter command%,$(origin KCFLAGS)),$(KCFLAGS))

# The same source gives the same bits, whoever builds it, where and when; an
# empty LOCALVERSION keeps the state of a git tree out of the release.
linux_vars := KBUILD_BUILD_USER=kiln KBUILD_BUILD_HOST=kiln KBUILD_BUILD_VERSION=1 \
	KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC' \
	LOCALVERSION= $(if $(CONFIG_LINUX_LLVM),LLVM=1) CC=$(call quote,$(linux_cc)) \
	KCFLAGS=$(call quote,$(strip $(linux_kcflags))) \
	$(foreach v,W C CHECK CF KAFLAGS,$(if $(filter command%,$(origin $(v))),$(v)=$(call quote,$($(v)))))
linux_make := $(MAKE) -C $(linux_src) O=$(linux_obj) $(linux_vars)

# Takes out of $(1), where Kbuild works, what it would keep in error.
linux_distrust = recipes/distrust $(1) $(linux_src) $(call quote,$(linux_tools)) \
	$(if $(LINUX_DIR),$(O)/host/newer $(abspath $(O)))

linux_steps := configure $(if $(and $(ARGS),$(filter linux,$(goals))),,build)

linux_configure_in := $(linux_fetched) $(linux_fragments) $(kconfig)/check recipes/linux/ask recipes/distrust \
	$(if $(filter-out any,$(linux_changed)),FORCE)
linux_configure_out := $(linux_obj)/.config
define linux_configure
	$(call linux_distrust,$(linux_obj))
	awk 1 $(addprefix $(linux_src)/,$(linux_base)) $(linux_fragments) >$(O)/linux/wanted
	$(linux_make) KCONFIG_ALLCONFIG=$(abspath $(O))/linux/wanted $(linux_answers)
	recipes/linux/ask $(linux_obj) $(linux_make) -- $(abspath $(kconfig))/check \
		-C $(linux_obj) Kconfig $(linux_obj)/.config $(linux_asked)
endef

linux_build_in := recipes/distrust $(if $(linux_changed),FORCE)
linux_build_out := $(linux_obj)/vmlinux $(O)/linux/vmlinux.stripped \
	$(if $(CONFIG_LINUX_BZIMAGE),$(linux_obj)/arch/x86/boot/bzImage)
## linux: Build the kernel; with ARGS='kernel/fork.o' any goal of its own make
define linux_build
	$(call linux_distrust,$(linux_obj))
	$(linux_make) vmlinux $(if $(CONFIG_LINUX_BZIMAGE),bzImage) $(if $(CONFIG_MODULES),modules)
	$(if $(CONFIG_LINUX_LLVM),llvm-strip,strip) -s -o $(O)/linux/vmlinux.stripped $(linux_obj)/vmlinux
endef

$(call recipe,linux,y)

$(if $(LINUX_DIR),$(O)/linux/.configure: | $(O)/host/newer)

# The programs of the lab's own menu.  Compiled once: another version of the
# kernel does not need another menu.
$(kconfig)/check: $(wildcard src/kconfig/*.[ch])
$(kconfig)/conf $(kconfig)/mconf $(kconfig)/nconf $(kconfig)/check: | $(linux_fetched) $(O)/host/step
	@$(call step,host,$(@F),$(@D)/.$(@F),recipes/linux/kconfig $(linux_src) $@)

ifneq ($(and $(ARGS),$(filter linux,$(goals))),)
linux:
	@$(plus)$(linux_make) $(ARGS)
endif

.PHONY: linux-menuconfig linux-nconfig linux-savedefconfig

## linux-menuconfig: Change the kernel's options; kept in $(O)/linux.config
linux-menuconfig linux-nconfig: $(O)/linux/.configure
	@$(plus)recipes/linux/change $(O)/linux.config $(linux_obj) $(linux_make) $(@:linux-%=%)

## linux-savedefconfig: Write the kernel's minimal configuration
linux-savedefconfig: $(O)/linux/.configure
	@$(plus)$(linux_make) -s savedefconfig
	mv $(linux_obj)/defconfig $(O)/linux/defconfig
	echo '$(O)/linux/defconfig holds what differs from the defaults'
