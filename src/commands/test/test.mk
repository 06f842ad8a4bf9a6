# SPDX-License-Identifier: GPL-2.0-only
#
# test - the modules' own tests, NAME.t in the folder of the module NAME, each in
# a machine of its own; all of that is in $(O)/test/NAME

$(call recipe,test,)

# What they need.
.PHONY: tested
tested: machine modules ; @:
