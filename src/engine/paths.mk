# SPDX-License-Identifier: GPL-2.0-only
#
# make and Kbuild cannot handle these characters in the name of a folder.

odd_characters := : ; , = % \# $$ ' " ` \ & ( ) < > | * ? [ ] { } ! ~
odd_in = $(strip $(foreach c,$(odd_characters),$(findstring $(c),$(1))))
odd := $(call odd_in,$(value O)$(value DL)$(CURDIR))
odd_where := O=$(value O), DL=$(value DL) or $(CURDIR): the kernel cannot be built there

# The x keeps spaces at either end.
ifneq ($(words x$(value O)x x$(value DL)x x$(CURDIR)x),3)
$(error a space in $(odd_where))
endif
ifneq ($(odd),)
$(error a $(firstword $(odd)) in $(odd_where))
endif
