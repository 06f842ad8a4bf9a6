# SPDX-License-Identifier: GPL-2.0-only
#
# toolchain - compilers and their tools: this machine's, or those of a Debian release in
# $(DL)/toolchain-RELEASE, which all labs share
#
# A step that compiles has $(toolchain) in its foo_STEP_in, puts $(toolchain_enter)
# before each program that is a tool, and starts $(toolchain_make).

ifeq ($(CONFIG_TOOLCHAIN_DEBIAN),)

toolchain :=
toolchain_enter :=
toolchain_make := $(MAKE)

# The versions that the programs $(1) print, quoted as one word for the shell; the same programs
# are asked once.  A missing program is reported elsewhere.
toolchain_versions = $(if $(lab_goals),$(call \
	toolchain_once,toolchain_says_$(subst $(space),+,$(strip $(1))),$(1)))
toolchain_once = $(if $($(1)),,$(eval $(1) := $$(call toolchain_ask,$(2))))$($(1))
toolchain_ask = $(call quote,$(shell \
	for tool in $(1); do $$tool --version 2>/dev/null | (read -r first; echo "$$first"); done))

else

# Compilers that the menu names by version are packages of that name.
toolchain_gnu := $(filter-out 0,$(CONFIG_LINUX_GNU_VERSION))
toolchain_llvm := $(filter-out 0,$(CONFIG_LINUX_LLVM_VERSION))
toolchain_packages := $(if $(lab_goals),$(shell sed '/^\#/d' recipes/toolchain/packages)) \
	$(addprefix gcc-,$(toolchain_gnu)) $(addprefix clang-,$(toolchain_llvm)) \
	$(addprefix lld-,$(toolchain_llvm)) $(addprefix llvm-,$(toolchain_llvm)) \
	$(if $(CONFIG_LINUX_BPF),bpftool libbpf-dev zlib1g-dev) $(processor_packages)

toolchain_root := $(abspath $(DL))/toolchain-$(CONFIG_TOOLCHAIN_RELEASE)
toolchain := $(toolchain_root)/.made
toolchain_enter := recipes/toolchain/enter $(toolchain_root)
toolchain_make := $(toolchain_enter) make
toolchain_versions = "$$(<$(toolchain_root)/.tools)"

# They may be where the root has folders of its own.
export TOOLCHAIN_FOLDERS := $(CURDIR) $(abspath $(O) $(DL)) $(LINUX_DIR) $(BUSYBOX_DIR) \
	$(CCACHE_DIR) $(TMPDIR)

toolchain_step = $(call step,toolchain,$(CONFIG_TOOLCHAIN_RELEASE),$(O)/toolchain/.root, \
	recipes/toolchain/root $(1) $(toolchain_root) '$(CONFIG_TOOLCHAIN_RELEASE)' \
	"$$(src/engine/config-value $(auto_conf) TOOLCHAIN_MIRROR)" $(toolchain_packages))

$(toolchain): $(if $(filter-out $(file <$(toolchain)),$(toolchain_packages)),FORCE) | $(O)/host/step
	@$(call toolchain_step,make)

endif

toolchain: $(toolchain)

$(call recipe,toolchain,)

.PHONY: toolchain-update

## toolchain-update: Update the tools to the current state of their Debian release
toolchain-update: | $(O)/host/step
	@$(if $(toolchain),$(call toolchain_step,update),$(toolchain_is_ours))
toolchain_is_ours := echo "this lab takes this machine's tools (make menuconfig)"
