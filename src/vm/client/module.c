// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <linux/elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "vm/client/module.h"

/* The guest is not trusted: no more than so many lines are read. */
#define LOADED_MAX 4096

bool module_is_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return len && len < MODULE_NAME;
}

void module_name(char ret[MODULE_NAME], const char *path)
{
	const char *slash = strrchr(path, '/');
	char *c;

	snprintf(ret, MODULE_NAME, "%s", slash ? slash + 1 : path);
	ret[strcspn(ret, ".")] = '\0';
	for (c = ret; *c; c++)
		if (*c == '-')
			*c = '_';
}

/* Is this part of the file complete and not empty? */
static bool module_is_within(size_t size, u64 offset, u64 count)
{
	return count && offset <= size && count <= size - offset;
}

static bool module_has_sections(const struct elf64_hdr *head, size_t size)
{
	return size >= sizeof(*head) &&
	       !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 &&
	       head->e_shentsize == sizeof(struct elf64_shdr) &&
	       head->e_shstrndx < head->e_shnum &&
	       module_is_within(size, head->e_shoff,
				head->e_shnum * sizeof(struct elf64_shdr));
}

/* The table of names must end in a NUL, so that each name ends within the file. */
static const struct elf64_shdr *
module_find_section(const char *bytes, size_t size, const char *name)
{
	const struct elf64_hdr *head = (const void *)bytes;
	const struct elf64_shdr *sections, *names;
	int i;

	if (!module_has_sections(head, size) || head->e_shoff % sizeof(u64))
		return NULL;
	sections = (const void *)(bytes + head->e_shoff);
	names = sections + head->e_shstrndx;
	if (!module_is_within(size, names->sh_offset, names->sh_size) ||
	    bytes[names->sh_offset + names->sh_size - 1])
		return NULL;
	for (i = 0; i < head->e_shnum; i++)
		if (sections[i].sh_name < names->sh_size &&
		    !strcmp(bytes + names->sh_offset + sections[i].sh_name,
			    name))
			return &sections[i];
	return NULL;
}

int module_info_read(struct module_info *ret, const void *bytes, size_t size)
{
	const struct elf64_shdr *section =
		module_find_section(bytes, size, ".modinfo");
	char *texts;

	if (!section || section->sh_type == SHT_NOBITS ||
	    !module_is_within(size, section->sh_offset, section->sh_size))
		return -ENOEXEC;
	texts = xmalloc(section->sh_size + 1);
	memcpy(texts, (const char *)bytes + section->sh_offset,
	       section->sh_size);
	texts[section->sh_size] = '\0';
	ret->texts = texts;
	ret->size = section->sh_size;
	return 0;
}

void module_info_fini(struct module_info *info)
{
	free(info->texts);
	*info = (struct module_info){};
}

const char *module_info_get(const struct module_info *info, const char *key,
			    const char *after)
{
	const char *end = info->texts + info->size;
	const char *text = info->texts;
	size_t len = strlen(key);

	if (after)
		text = after + strlen(after) + 1;
	for (; text && text < end; text += strlen(text) + 1)
		if (!strncmp(text, key, len) && text[len] == '=')
			return text + len + 1;
	return NULL;
}

/* "name size references users state address", users being "-" or "a,b,". */
static int module_read_line(struct module_loaded *ret, const char *line,
			    size_t len)
{
	char *copy = str_printf("%.*s", (int)len, line);
	char *save, *name, *refs, *users;
	int err = -EBADMSG;

	name = strtok_r(copy, " ", &save);
	strtok_r(NULL, " ", &save);
	refs = strtok_r(NULL, " ", &save);
	users = strtok_r(NULL, " ", &save);
	if (users && module_is_name(name, strlen(name))) {
		memcpy(ret->name, name, strlen(name) + 1);
		ret->refs = strtoul(refs, NULL, 10);
		ret->users = xstrdup(users);
		err = 0;
	}
	free(copy);
	return err;
}

int module_loaded_read(struct module_loaded **ret, const char *text)
{
	struct module_loaded *loaded = xcalloc(LOADED_MAX, sizeof(*loaded));
	int err = 0, count = 0;
	size_t len;

	for (; *text && !err; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		err = count < LOADED_MAX ?
			      module_read_line(&loaded[count], text, len) :
			      -EBADMSG;
		count += !err;
	}
	if (err) {
		module_loaded_free(loaded, count);
		return err;
	}
	*ret = loaded;
	return count;
}

void module_loaded_free(struct module_loaded *loaded, int count)
{
	while (count--)
		free(loaded[count].users);
	free(loaded);
}

bool module_is_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	size_t n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (n == len && !memcmp(list, name, len))
			return true;
		if (!list[n])
			return false;
	}
}
