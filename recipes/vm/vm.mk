# SPDX-License-Identifier: GPL-2.0-only
#
# vm - the machine; $(O)/run starts it; recipes/machine.mk has the goals

vm_needs := $(if $(linux_is_built),linux) rootfs
vm_disks_asked := $(if $(and $(CONFIG_VM_HAS_DISKS),$(lab_goals)),$(shell \
	recipes/vm/disks $(auto_conf)))
vm_disks_missing := $(filter-out $(wildcard $(O)/vm/disks/*),$(addprefix $(O)/vm/disks/,$(vm_disks_asked)))
vm_steps := $(if $(vm_disks_asked),disks) script

# Disks that there are stay as they are, whatever becomes of their size in the menu.
vm_disks_after := nothing
vm_disks_in := recipes/vm/disks $(if $(vm_disks_missing),FORCE)
define vm_disks
	# $(vm_disks_asked)
	recipes/vm/disks $(auto_conf) $(O)/vm/disks
endef

vm_script_after :=
vm_script_files := splats allowed decode
vm_script_in := $(O)/host/vm $(vm_script_files:%=recipes/vm/%)
vm_script_out := $(O)/run $(vm_script_files:%=$(O)/vm/%)
define vm_script
	cp $(vm_script_files:%=recipes/vm/%) $(O)/vm/
	cat >$(O)/run <<-'EOF'
	#!/bin/sh
	case $$0 in */*) dir=$${0%/*} ;; *) dir=. ;; esac
	exec "$$dir/host/vm" -O "$$dir" run "$$@"
	EOF
	chmod +x $(O)/run
endef

$(call recipe,vm,y)

# For those who want to run it: make then has nothing to say.
.PHONY: machine
machine: vm ; @:
