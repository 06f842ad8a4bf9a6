# SPDX-License-Identifier: GPL-2.0-only
#
# series - builds and tests each commit of a git range of LINUX_DIR.  It works in $(O)/series,
# in a clone and a lab of its own; the results are in $(O)/results/series.jsonl.

$(call recipe,series,)

## BASE=: The parent of the first commit
## HEAD=: The last commit (default: the tree's HEAD)
## SERIES=: Untrusted patches to test instead of HEAD: a mailbox, or a folder of quilt's
## CHECKS=: 'checkpatch sparse W=1', or some of these: report what is new in each commit
## AGAIN=: With 1 test again what was tested before
