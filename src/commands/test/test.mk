# SPDX-License-Identifier: GPL-2.0-only
#
# test - runs the modules' tests, NAME.t in the folder of the module NAME, each in a machine
# of its own; logs are in $(O)/test/NAME

$(call recipe,test,)

## JOBS=: Number of machines that run in parallel (default: what processors and memory allow)
## RUN_ON=: Other hosts, such as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Run each so many times and count the passes; UNTIL=fail, AGAINST=LAB (docs/tests.md)

# What the tests need.
.PHONY: tested
tested: machine modules ; @:
