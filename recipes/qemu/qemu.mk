# SPDX-License-Identifier: GPL-2.0-only
#
# qemu - the program $(O)/qemu/$(processor_qemu), if QEMU is to be built: it includes the
# devices whose sources are in recipes/vm/devices

source_kind_QEMU := source
fetch_qemu := source qemu
qemu_tree := $(if $(QEMU_DIR),$(or $(realpath $(QEMU_DIR)),$(QEMU_DIR)))
qemu_release := qemu-$(CONFIG_QEMU_RELEASE_VERSION).tar.xz
qemu_name = $(call source_name,QEMU,qemu,$(qemu_release),recipes/qemu/qemu.hash)
qemu_from := $(or $(qemu_tree),$(DL)/$(if $(CONFIG_QEMU_BUILT),$(qemu_name),qemu))
qemu_fetched := $(if $(QEMU_DIR),,$(qemu_from)/.fetched)
qemu_src := $(abspath $(O))/qemu/src
qemu_obj := $(abspath $(O))/qemu/build
qemu_program := $(or $(processor_qemu),qemu-none)

## QEMU_DIR=: Your own QEMU tree, which is read and never written to
ifneq ($(and $(QEMU_DIR),$(lab_goals)),)
ifeq ($(CONFIG_QEMU_BUILT),)
$(call config_error,QEMU_DIR=$(QEMU_DIR): the menu takes the QEMU of this machine \
	(CONFIG_QEMU_HOST); choose one that is built)
endif
ifeq ($(wildcard $(qemu_from)/hw/virtio/meson.build),)
$(error QEMU_DIR=$(QEMU_DIR): there is no QEMU source)
endif
qemu_changed := $(shell src/engine/changed '$(if $(dry),,$(O)/qemu/changed)' \
	$(O)/host/newer $(qemu_from) $(abspath $(O)) $(O)/qemu/.trusted)
$(call searched,QEMU_DIR)
endif

qemu_folders := $(patsubst %/,%,$(sort $(dir $(wildcard $(devices:%=%/*.c)))))
qemu_devices := $(wildcard $(foreach f,$(qemu_folders),$(f)/*.[ch] $(f)/trace-events))
qemu_patches := $(wildcard recipes/qemu/patches/*)

# Another release's QEMU may need a newer meson than this machine's, and its own will do.
qemu_suite := $(CONFIG_QEMU_PACKAGE_SUITE)
qemu_meson := $(addprefix $(DL)/meson-,$(qemu_suite))
fetch_meson-$(qemu_suite) := program meson/$(qemu_suite)
qemu_env := $(if $(qemu_suite),PYTHONPATH=$(abspath $(qemu_meson))/usr/lib/python3/dist-packages)

# The host's own compiler: programs of another release of the distribution may need
# another C library than this machine's.
qemu_cc := $(strip $(ccache) cc)

# Configured from nothing each time: for another source, other patches or options.  The
# devices come when it is built, for one more of them is no reason to begin again.
qemu_steps := $(if $(CONFIG_QEMU_BUILT),configure build)
qemu_configure_in := $(qemu_fetched) recipes/linux/patch recipes/qemu/patch $(qemu_patches) \
	recipes/qemu/configure $(shell_lib) $(call config,QEMU_OPTIONS) \
	$(call config,QEMU_SANITIZERS) $(addsuffix /.fetched,$(qemu_meson)) \
	$(if $(filter all,$(qemu_changed)),FORCE)
# Not build.ninja, which ninja makes anew when the devices come.
qemu_configure_out := $(qemu_obj)/config.status
define qemu_configure
	recipes/qemu/patch $(qemu_from) $(qemu_src)
	recipes/qemu/devices $(qemu_src)
	$(qemu_env) recipes/qemu/configure $(auto_conf) $(qemu_src) $(qemu_obj) $(qemu_program) \
		'$(qemu_cc)'
	$(if $(QEMU_DIR),recipes/qemu/follow note $(O)/qemu)
endef

qemu_build_in := recipes/qemu/devices recipes/modules/copy $(shell_lib) $(qemu_devices) \
	$(if $(qemu_changed),FORCE)
# Where it was linked QEMU looks for firmware in a folder beside it alone.
qemu_build_out := $(O)/qemu/$(qemu_program)
## qemu: Build QEMU, if the menu says so
define qemu_build
	# $(qemu_folders)
	$(if $(QEMU_DIR),recipes/qemu/follow take $(O)/qemu $(qemu_from) $(qemu_src))
	recipes/qemu/devices $(qemu_src) $(qemu_folders)
	$(qemu_env) ninja -C $(qemu_obj) $(if $(filter 1,$(V)),-v) $(qemu_program)
	ln -f $(qemu_obj)/$(qemu_program) $(O)/qemu/
endef

$(call recipe,qemu,$(CONFIG_QEMU_BUILT))

$(eval $(call source_update,qemu,$(qemu_fetched)))
