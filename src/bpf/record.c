// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "bpf/record.h"
#include "lib/text.h"

static void record_print_bytes(FILE *out, const unsigned char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		fprintf(out, "%02x", data[i]);
}

/* Integers have 1, 2, 4 or 8 bytes; __int128 is printed as bytes. */
static void record_print_number(FILE *out, const void *data, size_t size, bool is_signed)
{
	signed long long number = 0;
	int shift = 64 - 8 * size;

	if (size > sizeof(number)) {
		record_print_bytes(out, data, size);
		return;
	}
	memcpy(&number, data, size);
	if (is_signed)
		fprintf(out, "%lld", number << shift >> shift);
	else
		fprintf(out, "%llu", (unsigned long long)number);
}

static void record_print_enum(FILE *out, const struct btf *btf, const struct btf_type *type,
			      const void *data)
{
	const struct btf_enum *values = btf_enum(type);
	__s32 number;
	int i;

	memcpy(&number, data, sizeof(number));
	for (i = 0; i < btf_vlen(type); i++) {
		if (values[i].val != number)
			continue;
		fputs(btf__str_by_offset(btf, values[i].name_off), out);
		return;
	}
	record_print_number(out, data, sizeof(number), true);
}

static bool record_is_char(const struct btf *btf, __u32 id)
{
	const struct btf_type *type;

	type = btf__type_by_id(btf, btf__resolve_type(btf, id));
	return type && btf_is_int(type) && type->size == 1;
}

static void record_print_struct(FILE *out, const struct btf *btf, const struct btf_type *type,
				const void *data, size_t size)
{
	const struct btf_member *member = btf_members(type);
	int i;

	for (i = 0; i < btf_vlen(type); i++, member++) {
		__s64 room = btf__resolve_size(btf, member->type);
		size_t at = btf_member_bit_offset(type, i) / 8;

		if (room < 0 || at + room > size)
			return;
		fprintf(out, "%s%s=", i ? " " : "",
			btf__str_by_offset(btf, member->name_off));
		if (btf_member_bitfield_size(type, i))
			record_print_bytes(out, data + at, room);
		else
			record_print(out, btf, member->type, data + at, room);
	}
}

void record_print(FILE *out, const struct btf *btf, __u32 id, const void *data, size_t size)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *type = btf__type_by_id(btf, resolved);

	if (type && btf_is_struct(type))
		record_print_struct(out, btf, type, data, size);
	else if (type && btf_is_int(type) && type->size <= size)
		record_print_number(out, data, type->size, btf_int_encoding(type) & BTF_INT_SIGNED);
	else if (type && btf_is_enum(type) && type->size == 4 && size >= 4)
		record_print_enum(out, btf, type, data);
	else if (type && btf_is_array(type) && record_is_char(btf, btf_array(type)->type))
		text_print(out, data, strnlen(data, size));
	else
		record_print_bytes(out, data, size);
}
