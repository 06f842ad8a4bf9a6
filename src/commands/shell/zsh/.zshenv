# SPDX-License-Identifier: GPL-2.0-only
#
# zsh of make shell looks for its files here; the user's own come first, and may say that
# others of them are elsewhere.
kiln_zdotdir=$ZDOTDIR
ZDOTDIR=${KILN_ZDOTDIR:-$HOME}
[ ! -e "$ZDOTDIR/.zshenv" ] || . "$ZDOTDIR/.zshenv"
KILN_ZDOTDIR=$ZDOTDIR
ZDOTDIR=$kiln_zdotdir
