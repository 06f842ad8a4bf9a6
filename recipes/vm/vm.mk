# SPDX-License-Identifier: GPL-2.0-only
#
# vm - the machine, started by $(O)/run; src/engine/machine.mk has its goals

vm_needs := $(if $(linux_is_built),linux) rootfs $(if $(CONFIG_QEMU_BUILT),qemu)
ifneq ($(and $(CONFIG_VM_HAS_DISKS),$(lab_goals)),)
vm_disks_asked := $(shell recipes/vm/disks $(auto_conf))
vm_disks_missing := $(filter-out $(wildcard $(O)/vm/disks/*),$(vm_disks_asked:%=$(O)/vm/disks/%))
endif
vm_steps := $(if $(vm_disks_asked),disks) script

# Existing disks are kept, even if their size in the menu changes.
vm_disks_after := nothing
vm_disks_in := recipes/vm/disks $(shell_lib) $(if $(vm_disks_missing),FORCE)
define vm_disks
	# $(vm_disks_asked)
	recipes/vm/disks $(auto_conf) $(O)/vm/disks
endef

vm_script_after :=
vm_script_files := splats allowed decode
vm_script_devices := $(wildcard $(devices:%=%/qemu))
vm_script_in := $(O)/host/vm $(O)/host/results $(processor_values) \
	$(addprefix recipes/vm/,$(vm_script_files) start join) $(vm_script_devices)
vm_script_out := $(O)/run $(vm_script_files:%=$(O)/vm/%) $(O)/vm/devices $(O)/vm/processor
define vm_script
	cp $(vm_script_files:%=recipes/vm/%) $(O)/vm/
	recipes/vm/join $(vm_script_devices) >$(O)/vm/devices
	cp $(processor_values) $(O)/vm/processor
	cp recipes/vm/start $(O)/run
endef

$(call recipe,vm,y)

# For those who want to run it: make then has nothing to say.
.PHONY: machine
machine: private .SHELLFLAGS := $(itself)
machine: vm ; @:
