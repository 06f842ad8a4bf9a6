#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The brightness is what was set, within its limits.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
level=/sys/module/dimmer/parameters/level

modprobe dimmer level=7
result $? 'it loads'
[ "$(cat $level)" = 7 ]
result $? 'as bright as it is told to be'
echo 700 >$level && [ "$(cat $level)" = 100 ]
result $? '... but no brighter than it can be'
rmmod dimmer
result $? 'it unloads'
finish
