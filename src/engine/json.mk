# SPDX-License-Identifier: GPL-2.0-only
#
# With JSON=1 another make makes the goals: what it tells as JSON is all that is printed, and why it
# fails where it told nothing.  Its level is that of the first one: to the user they are one.

.PHONY: told $(or $(MAKECMDGOALS),all)
$(or $(MAKECMDGOALS),all): told ; @:

told:
	@+KILN_TOLD=y MAKELEVEL=0 src/engine/as-json $(call quote,$(O)) \
		$(call quote,$(or $(MAKECMDGOALS),all)) $(MAKE) $(MAKECMDGOALS)
