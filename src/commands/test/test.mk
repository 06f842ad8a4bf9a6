# SPDX-License-Identifier: GPL-2.0-only
#
# test - runs the modules' tests, NAME.t in the folder of the module NAME, each in a machine
# of its own; logs are in $(O)/test/NAME

$(call recipe,test,)

## JOBS=: How many machines run side by side; without it as processors and memory allow
## RUN_ON=: Other hosts, as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Tell how often each passes of so many times; UNTIL=fail, AGAINST= (docs/tests.md)

# What the tests need.
.PHONY: tested
tested: machine modules ; @:
