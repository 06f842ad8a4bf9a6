# SPDX-License-Identifier: GPL-2.0-only
#
# guest - the first process of every root and the agent: $(O)/guest/init

guest_steps := build

# Linked with musl; the kernel's own headers are where the host has them.
guest_build_in := $(toolchain) $(wildcard src/guest/*.[ch]) src/lib/frame.c src/lib/frame.h \
	src/lib/macros.h src/lib/types.h
guest_build_out := $(O)/guest/init
## guest: Build the first process of the root, which is the agent
define guest_build
	$(toolchain_enter) musl-gcc -std=gnu11 -D_GNU_SOURCE -Os -Wall -Wextra -Wshadow -Isrc/lib -static -s \
		-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu \
		-o $(O)/guest/init.new $(filter %.c,$(guest_build_in))
	mv $(O)/guest/init.new $(O)/guest/init
endef

$(call recipe,guest,y)
