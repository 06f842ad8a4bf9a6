# SPDX-License-Identifier: GPL-2.0-only
#
# One make at a time writes to $(O).  The goals are made by a second make, which holds the lock, as
# do all programs that it starts: the lock is free when the last of them has ended, killed or not.
# Machines run after that, without the lock.

.PHONY: $(goals) locked

$(filter-out $(machine_goals),$(goals)): private .SHELLFLAGS := $(itself)
$(filter-out $(machine_goals),$(goals)): locked ; @:

# With FIX= a failed step may fix the cause, and then creates this file to have make run again; it
# writes the options to the file MODULES_FIX, if that is set.
fixed := $(if $(FIX),$(abspath $(O))/modules/.fixed)
export KILN_FIX_FILE := $(value MODULES_FIX)

# With CMD= standard output has only the output of the command in the machine, with JSON=1 only
# JSON.  The second make has the level of the first one: to the user they are one make.
locked:
	@+KILN_LOCK=$(abspath $(O)) KILN_FIX=$(fixed) MAKELEVEL=0 src/engine/lock $(O) \
		$(addprefix src/engine/again ,$(fixed)) $(MAKE) \
		$(filter-out $(machine_goals),$(goals)) $(call built,machine) \
		$(if $(json)$(value CMD),>&2)

before_machine := locked
include src/engine/machine.mk
