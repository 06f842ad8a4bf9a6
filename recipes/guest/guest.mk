# SPDX-License-Identifier: GPL-2.0-only
#
# guest - the first process of every root, which is also the agent: $(O)/guest/init

guest_needs := $(processor_needs)
guest_steps := build

# Linked with musl; the kernel headers are those of the host.
guest_build_in := $(toolchain) $(wildcard src/guest/*.[ch]) src/lib/frame.c src/lib/frame.h \
	src/lib/fd.h src/lib/macros.h src/lib/types.h
guest_build_out := $(O)/guest/init
guest_cc := $(processor_musl) -std=gnu11 -D_GNU_SOURCE -Os -Wall -Wextra -Wshadow -Isrc \
	$(processor_include)
guest_c_files := $(filter %.c,$(guest_build_in))
guest_objects := $(addprefix $(O)/guest/,$(notdir $(guest_c_files:.c=.o)))
guest_compile = $(toolchain_enter) $(ccache) $(guest_cc) -c -o $(O)/guest/$(notdir $(1:.c=.o)) $(1)

# One by one, for ccache knows no more than one file at a time.
## guest: Build the first process of the root, which is also the agent (musl: its C library)
define guest_build
	$(foreach c,$(guest_c_files),$(call guest_compile,$(c));)
	$(toolchain_enter) $(guest_cc) -static -s -o $(O)/guest/init.new $(guest_objects)
	mv $(O)/guest/init.new $(O)/guest/init
endef

$(call recipe,guest,y)
