# SPDX-License-Identifier: GPL-2.0-only
#
# count - how often run, test, kunit or kselftest pass: with COUNT= each runs so often, in fresh
# machines; logs are in $(O)/count/runs

$(call recipe,count,)

## COUNT=: How often
## UNTIL=: With fail, the first one that does ends it
## AGAINST=: The same in another lab, O=, or with another commit of LINUX_DIR, and compare

# Before the lab is built that runs it.
ifneq ($(COUNT),)
count_odd := $(shell KILN_COUNT=$(call quote,$(value COUNT)) \
	KILN_UNTIL=$(call quote,$(value UNTIL)) KILN_AGAINST=$(call quote,$(value AGAINST)) \
	KILN_LINUX_DIR=$(call quote,$(LINUX_DIR)) src/commands/count/count check 2>&1)
ifneq ($(count_odd),)
$(error $(subst count: ,,$(count_odd)))
endif
endif
