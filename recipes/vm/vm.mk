# SPDX-License-Identifier: GPL-2.0-only
#
# vm - the machine; $(O)/run starts it; recipes/machine.mk has the goals

vm_needs := linux rootfs
vm_steps := script

vm_script_in := $(O)/host/vm recipes/vm/splats recipes/vm/allowed
vm_script_out := $(O)/run $(O)/vm/splats $(O)/vm/allowed
define vm_script
	cp recipes/vm/splats recipes/vm/allowed $(O)/vm/
	cat >$(O)/run <<-'EOF'
	#!/bin/sh
	dir=$$(dirname "$$0")
	exec "$$dir/host/vm" -O "$$dir" run "$$@"
	EOF
	chmod +x $(O)/run
endef

$(call recipe,vm,y)

# For those who want to run it: make then has nothing to say.
.PHONY: machine
machine: vm ; @:
