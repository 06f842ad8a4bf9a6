# SPDX-License-Identifier: GPL-2.0-only
#
# kunit - runs the kernel's KUnit suites in fresh machines.  The logs are in $(O)/kunit, the
# results in $(O)/results/kunit.jsonl.

$(call recipe,kunit,)

## SUITES=: Patterns of SUITE or SUITE.CASE, such as 'list_sort* time*' (default: all)
## APART=: With 1 run each suite in a machine of its own
## SLOW=: With 1 also run cases that are marked as slow
## JOBS=: Number of machines that run in parallel (default: what processors and memory allow)
## RUN_ON=: Other hosts, such as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Run each so many times and count the passes; UNTIL=fail, AGAINST=LAB (docs/tests.md)
## TIMEOUT=: Seconds that a machine may take (default: 300)
.PHONY: suites
suites: machine modules

ifneq ($(filter suites kunit,$(goals)),)
ifeq ($(CONFIG_LINUX_KUNIT),)
$(call config_error,make kunit: this kernel has no KUnit: choose LINUX_KUNIT in the menu)
endif
endif
