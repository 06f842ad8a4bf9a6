# SPDX-License-Identifier: GPL-2.0-only
#
# vm - the machine; $(O)/run starts it

vm_needs := linux rootfs
vm_steps := script

vm_script_in := $(O)/host/vm
vm_script_out := $(O)/run
define vm_script
	cat >$(O)/run <<-'EOF'
	#!/bin/sh
	dir=$$(dirname "$$0")
	exec "$$dir/host/vm" -O "$$dir" run "$$@"
	EOF
	chmod +x $(O)/run
endef

$(call recipe,vm,y)

## run: Boot the machine; its console is the terminal, Ctrl-A X leaves
run: vm
	@$(O)/run
