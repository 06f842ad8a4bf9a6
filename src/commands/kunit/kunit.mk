# SPDX-License-Identifier: GPL-2.0-only
#
# kunit - runs the kernel's KUnit suites in fresh machines.  The logs are in $(O)/kunit, the
# results in $(O)/results/kunit.jsonl.

$(call recipe,kunit,)

## SUITES=: Patterns of their names, or of SUITE.CASE, as 'list_sort* time*'; without it all
## APART=: With 1 each suite has a machine of its own
## SLOW=: With 1 cases that are marked as slow run, too
## JOBS=: How many machines run side by side; without it as processors and memory allow
## RUN_ON=: Other hosts, as ssh:HOST,HOST/4 or slurm (docs/run-on.md)
## COUNT=: Tell how often each passes of so many times; UNTIL=fail, AGAINST= (docs/tests.md)
## TIMEOUT=: Seconds that a machine may take, 300 without it
.PHONY: suites
suites: machine modules

ifneq ($(filter suites kunit,$(goals)),)
ifeq ($(CONFIG_LINUX_KUNIT),)
$(call config_error,make kunit: this kernel has no KUnit: choose LINUX_KUNIT in the menu)
endif
endif
