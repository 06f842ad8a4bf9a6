/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LAMP_H
#define LAMP_H

/* How bright a lamp can be */
#define LAMP_MOST 100

#endif
