# SPDX-License-Identifier: GPL-2.0-only
#
# report - shows the test results in $(O)/results as one HTML file that needs no network,
# $(O)/report/index.html; docs/results.md describes the format of the results

$(call recipe,report,)

## FORMAT=: junit or kcidb: write report/junit.xml or report/kcidb.json instead of the page
## ORIGIN=: The name of your CI system in the KCIDB report (default: kiln)
## JSON=: With 1 test, run, exec, series, status and doctor print only JSON
