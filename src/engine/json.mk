# SPDX-License-Identifier: GPL-2.0-only
#
# With JSON=1 the goals are made by another make, of which only JSON is printed: its output, or
# the reason if it fails without any.  It has the level of the first one: to the user it is one.

.PHONY: told $(or $(MAKECMDGOALS),all)
$(or $(MAKECMDGOALS),all): told ; @:

told:
	@+KILN_TOLD=y MAKELEVEL=0 src/engine/as-json $(call quote,$(O)) \
		$(call quote,$(or $(MAKECMDGOALS),all)) $(MAKE) $(MAKECMDGOALS)
