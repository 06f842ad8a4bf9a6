/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types - the kernel's names for numbers of a known width
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

typedef __UINT16_TYPE__ u16;
typedef __UINT32_TYPE__ u32;
typedef __UINT64_TYPE__ u64;

#endif
