# SPDX-License-Identifier: GPL-2.0-only
#
# coverage - which lines of modules and of the kernel ran in the machines of a test run:
# $(O)/coverage/index.html

$(call recipe,coverage,)

.PHONY: covered

## BASE=: Also list the lines changed since this commit that did not run (default: uncommitted ones)
ifneq ($(filter covered coverage,$(goals)),)
ifeq ($(linux_gcov),)
$(call config_error,make coverage: this kernel does not count lines: choose LINUX_GCOV in the \
	menu$(comma) and modules or folders)
endif
ifeq ($(shell command -v genhtml),)
$(error make coverage: genhtml (package lcov) is missing: make deps installs it)
endif
ifneq ($(and $(value CMD),$(B)),)
$(error B=$(B) has a test$(comma) and CMD= is another: one of them)
endif
endif

# What the compiler calls the files that are counted, and what the user does: lines FROM TO of
# beginnings of their names, for modules with the module's.  The compiler may have been told
# of folders that are the same everywhere.
coverage_out := $(abspath $(O))/modules
coverage_src = $(realpath $(linux_src))
coverage_module = $(foreach \
	from,$(coverage_out) /kiln/kmod,$(from)/$(1)/ $(2)/ $(1:.tree=)$(newline))
coverage_around = $(call coverage_module,$(1).tree,$(modules_tree_$(1)))
coverage_linux = $(foreach from,$(coverage_src) /kiln/linux,$(from)/$(1) $(2)$(newline))
define coverage_places
$(foreach m,$(modules),$(call coverage_module,$(m),$(abspath $(call modules_folder,$(m)))) \
	$(if $(modules_tree_$(m)),$(call coverage_around,$(m))))
$(foreach f,$(builtin_folders),$(call coverage_linux,drivers/kiln/$(notdir $(f))/,$(abspath $(f))/))
$(foreach f,$(linux_gcov_folders:=/) $(linux_gcov_files),$(call \
	coverage_linux,$(f),$(if $(linux_farmed),$(linux_from),$(coverage_src))/$(f)))
endef

# The kernel's compiler has a gcov of its own version, which lcov starts elsewhere.
coverage_gcov := $(strip $(if $(toolchain),env TOOLCHAIN_FOLDERS="$(TOOLCHAIN_FOLDERS)") \
	$(patsubst recipes/%,$(CURDIR)/recipes/%,$(toolchain_enter)) \
	$(if $(CONFIG_LINUX_LLVM),llvm-cov$(linux_llvm) gcov,$(subst gcc,gcov,$(linux_gcc))))

covered: machine modules
	@mkdir -p $(O)/coverage
	printf '%s\n' $(call quote,$(coverage_places)) >$(O)/coverage/places
	printf '#!/bin/sh\nexec %s "$$@"\n' '$(coverage_gcov)' >$(O)/coverage/gcov
	chmod +x $(O)/coverage/gcov
