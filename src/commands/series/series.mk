# SPDX-License-Identifier: GPL-2.0-only
#
# series - builds and runs each commit of a git range of LINUX_DIR: a clone and the lab that
# does it are in $(O)/series, the verdicts in $(O)/results/series.jsonl

$(call recipe,series,)

## BASE=: The commit that comes before the first
## HEAD=: The last one; without it the newest of the tree
## SERIES=: Patches in HEAD's place, of strangers: a mailbox, or a folder of quilt's
## CHECKS=: 'checkpatch sparse W=1', or some of these: what each commit brings anew is told
## AGAIN=: With 1 what was judged before is judged again
