# SPDX-License-Identifier: GPL-2.0-only
#
# test - the modules' own tests, NAME.t in the folder of the module NAME, each in
# a machine of its own; all of that is in $(O)/test/NAME

$(call recipe,test,)

## JOBS=: How many machines run side by side; without it as processors and memory allow
## RUN_ON=: Other hosts, as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Tell how often each passes of so many times; UNTIL=fail, AGAINST=lab (docs/tests.md)

# What they need.
.PHONY: tested
tested: machine modules ; @:
