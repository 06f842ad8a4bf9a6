# SPDX-License-Identifier: GPL-2.0-only
#
# One make at a time writes in $(O).  The goals are made by a second make, which
# holds the lock, as do all that it starts: the lock is free when the last of
# them has ended, killed or not.  Machines run without it, after that.

.PHONY: $(goals) locked

$(filter-out $(machine_goals),$(goals)): locked ; @:

# With FIX= a step may mend what it failed for, and says so by this file; what it writes for
# that goes to the file MODULES_FIX, if one is named.
fixed := $(if $(FIX),$(abspath $(O))/modules/.fixed)
export KILN_FIX_FILE := $(value MODULES_FIX)

# With CMD= the standard output is that of the command in the machine alone; with JSON=1 it is
# JSON.  The make's level is that of the first one: to the user they are one make.
locked:
	@+KILN_LOCK=$(abspath $(O)) KILN_FIX=$(fixed) MAKELEVEL=0 src/engine/lock $(O) \
		$(addprefix src/engine/again ,$(fixed)) $(MAKE) \
		$(filter-out $(machine_goals),$(goals)) $(call built,machine) \
		$(if $(json)$(value CMD),>&2)

before_machine := locked
include src/engine/machine.mk
