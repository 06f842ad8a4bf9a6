# SPDX-License-Identifier: GPL-2.0-only
#
# musl - the C library of the guest's programs for foreign processors: $(O)/musl/root.  The
# cross compiler's glibc would work, but a static program with it takes twice as long to start,
# and no release of Debian has musl for all processors.

fetch_musl := source musl
musl_src := $(DL)/musl
musl_root := $(abspath $(O))/musl/root

musl_steps := build
musl_build_in := $(toolchain) $(musl_src)/.fetched recipes/musl/build
musl_build_out := $(musl_root)/lib/libc.a $(musl_root)/lib/musl-gcc.specs
define musl_build
	$(toolchain_enter) recipes/musl/build $(abspath $(musl_src)) $(musl_root) \
		$(processor_cross:%-=%) $(ccache)
endef

$(call recipe,musl,)
