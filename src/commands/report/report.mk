# SPDX-License-Identifier: GPL-2.0-only
#
# report - tells what is kept in $(O)/results of all tests: $(O)/report/index.html, one file
# without network; docs/results.md has the form of what is kept

$(call recipe,report,)

## FORMAT=: junit or kcidb: report/junit.xml or report/kcidb.json in place of the page
## ORIGIN=: The name of your CI system in KCIDB's report, kiln without it
## JSON=: With 1 test, run, exec, series, status and doctor print JSON and nothing else
