# SPDX-License-Identifier: GPL-2.0-only
#
# Neither make nor Kbuild can stand these in the name of a folder.

odd_characters := : ; , = % \# $$ ' " ` \ & ( ) < > | * ? [ ] { } ! ~
odd := $(strip $(foreach c,$(odd_characters),$(findstring $(c),$(value O)$(value DL)$(CURDIR))))

# The x shows spaces at either end.
ifneq ($(words x$(value O)x x$(value DL)x x$(CURDIR)x),3)
$(error a space in O=$(value O), DL=$(value DL) or $(CURDIR): the kernel cannot be built there)
endif
ifneq ($(odd),)
$(error a $(firstword $(odd)) in O=$(value O), DL=$(value DL) or $(CURDIR): the kernel cannot be built there)
endif
