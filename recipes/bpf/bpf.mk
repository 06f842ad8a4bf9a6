# SPDX-License-Identifier: GPL-2.0-only
#
# bpf - eBPF programs: bpf/NAME is built as one static program, $(O)/bpf/NAME/NAME, and
# installed as /usr/bin/NAME in a busybox root

bpf_folders := $(if $(CONFIG_LINUX_BPF),$(patsubst %/.,%,$(wildcard bpf/*/.) \
	$(call external_files,bpf/*/.)))
bpf_program_in = $(if $(wildcard $(1)/$(notdir $(1)).bpf.c),$(notdir $(1)))
bpf := $(sort $(foreach f,$(bpf_folders),$(call bpf_program_in,$(f))))
bpf_folder = $(firstword $(filter %/$(1),$(bpf_folders)))
bpf_programs := $(foreach n,$(bpf),$(O)/bpf/$(n)/$(n)) $(if $(bpf),$(O)/bpf/again/bpf-again) \
	$(CONFIG_BPF_BPFTOOL:y=$(O)/bpf/bpftool/bpftool)

bpf_taken := $(filter types functions again library include bpftool,$(bpf))
ifneq ($(bpf_taken),)
$(call config_error,$(call bpf_folder,$(firstword $(bpf_taken))): programs cannot have this \
	name: it is reserved)
endif
## B=: One program of bpf/: the name of its folder
ifneq ($(and $(filter bpf program tested,$(goals)),$(filter-out $(bpf),$(B))),)
$(call config_error,B=$(B): $(if $(CONFIG_LINUX_BPF),there is no bpf/$(B)/$(B).bpf.c$(comma) \
	only: $(bpf),eBPF is off in the menu (CONFIG_LINUX_BPF)))
endif

# When it is to replace one that runs, the kernel is taken as it was built.
bpf_alone := $(if $(filter program,$(goals)),$(B))
bpf_built := $(or $(bpf_alone),$(bpf))
bpf_steps := $(if $(bpf),$(if $(bpf_alone),,types functions) again library $(bpf_built)) \
	$(if $(bpf_alone),,$(CONFIG_BPF_BPFTOOL:y=bpftool))

ifneq ($(filter program reload,$(goals)),)
.PHONY: program
program: bpf ; @:
ifeq ($(if $(filter program,$(goals)),$(wildcard $(O)/bpf/include/vmlinux.h),dry),)
$(error nothing is built in $(O) yet; run make first)
endif
endif

# The types of another kernel may be the same, and then programs stay.
bpf_types_after := nothing
bpf_types_in := $(toolchain) $(O)/linux/.build recipes/bpf/types $(shell_lib)
bpf_types_out := $(O)/bpf/include/vmlinux.h
define bpf_types
	mkdir -p $(O)/bpf/include
	recipes/bpf/types $(linux_obj)/vmlinux $(O)/bpf/include/vmlinux.h $(toolchain_enter)
endef

# The guest's busybox is stripped.
bpf_busybox := $(if $(and $(CONFIG_ROOTFS_INITRAMFS),$(if $(CONFIG_BUSYBOX_HOST),,y)),y)
bpf_functions_after := nothing
bpf_functions_in := recipes/bpf/functions $(shell_lib) $(bpf_busybox:y=$(O)/busybox/.build)
bpf_functions_out := $(O)/bpf/include/busybox.h
define bpf_functions
	mkdir -p $(O)/bpf/include
	recipes/bpf/functions $(O)/bpf/include/busybox.h \
		$(if $(bpf_busybox),$(busybox_obj)/busybox_unstripped)
endef

# Ends and starts programs in the guest, for make reload.
bpf_again_after := nothing
bpf_again_in := $(toolchain) src/bpf/again.c
bpf_again_out := $(O)/bpf/again/bpf-again
define bpf_again
	mkdir -p $(O)/bpf/again
	$(toolchain_enter) $(guest_cc) -static -s -o $(O)/bpf/again/bpf-again.new src/bpf/again.c
	mv $(O)/bpf/again/bpf-again.new $(O)/bpf/again/bpf-again
endef

bpf_c := src/bpf/program.c src/bpf/record.c src/bpf/refusal.c src/bpf/elf.c src/lib/text.c
bpf_cc := cc -std=gnu11 -D_GNU_SOURCE -Os -Wall -Wextra -Isrc
bpf_compile = $(toolchain_enter) $(bpf_cc) -c -o $(O)/bpf/library/$(notdir $(1:.c=.o)) $(1)
bpf_library_after := nothing
bpf_library_in := $(toolchain) $(bpf_c) $(wildcard src/bpf/*.h) src/lib/text.h
bpf_library_out := $(O)/bpf/library/library.a
define bpf_library
	mkdir -p $(O)/bpf/library
	rm -f $(O)/bpf/library/library.a
	$(foreach c,$(bpf_c),$(call bpf_compile,$(c));)
	$(toolchain_enter) ar qcs $(O)/bpf/library/library.a $(O)/bpf/library/*.o
endef

# What of a tree of the user's it is made of
bpf_of_linux := $(addprefix $(LINUX_DIR)/tools/,bpf/bpftool/*.[ch] lib/bpf/*.[ch])
bpf_bpftool_after := nothing
bpf_bpftool_in := $(toolchain) $(linux_fetched) $(if $(LINUX_DIR),$(wildcard $(bpf_of_linux))) \
	recipes/bpf/bpftool src/bpf/elf.c $(shell_lib)
bpf_bpftool_out := $(O)/bpf/bpftool/bpftool
define bpf_bpftool
	recipes/bpf/bpftool $(linux_from) $(O)/bpf/bpftool $(toolchain_enter)
endef

# Made by steps of ours; make looks at their dates when these have run.  Under -n and -q they
# do not, and what they leave as it was would count as new.
bpf_first = $(if $(bpf_alone)$(dry),,$(O)/bpf/.$(1))
$(O)/bpf/include/vmlinux.h: $(call bpf_first,types) ;
$(O)/bpf/include/busybox.h: $(call bpf_first,functions) ;

define bpf_program
bpf_$(1)_after := library
bpf_$(1)_in := $(toolchain) recipes/bpf/build src/bpf/generic.c $(shell_lib) \
	$(O)/bpf/include/vmlinux.h $(O)/bpf/include/busybox.h \
	$(wildcard $(call bpf_folder,$(1))/*.[ch])
bpf_$(1)_out := $(O)/bpf/$(1)/$(1)
define bpf_$(1)
	recipes/bpf/build $(call bpf_folder,$(1)) $(O)/bpf/$(1) $(toolchain_enter)
endef
endef
## bpf: Build the eBPF programs of bpf/
$(foreach n,$(bpf),$(eval $(call bpf_program,$(n))))

$(call recipe,bpf,$(CONFIG_LINUX_BPF))
