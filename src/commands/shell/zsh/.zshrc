# SPDX-License-Identifier: GPL-2.0-only
#
# The prompt says which lab.
ZDOTDIR=$KILN_ZDOTDIR
[ ! -e "$ZDOTDIR/.zshrc" ] || . "$ZDOTDIR/.zshrc"
PROMPT="$KILN_LAB $PROMPT"
unset KILN_LAB KILN_ZDOTDIR kiln_zdotdir
