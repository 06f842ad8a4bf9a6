# SPDX-License-Identifier: GPL-2.0-only
#
# The zsh of make shell reads its files here; the user's own come first, and may move others of them
# elsewhere.
kiln_zdotdir=$ZDOTDIR
ZDOTDIR=${KILN_ZDOTDIR:-$HOME}
[ ! -e "$ZDOTDIR/.zshenv" ] || . "$ZDOTDIR/.zshenv"
KILN_ZDOTDIR=$ZDOTDIR
ZDOTDIR=$kiln_zdotdir
