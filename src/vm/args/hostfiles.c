// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/args/hostfiles.h"
#include "vm/args/plan.h"

#define SERIAL_MAX 20 /* virtio takes no more */
#define NAME_LETTERS 32
#define FREE_PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"

int hostfiles_list(struct argv *ret, const struct config *config,
		   const char *symbol, char **why)
{
	const char *text = config_text(config, symbol);

	*ret = (struct argv){};
	if (argv_split(ret, text) < 0)
		return why_set(why, -EINVAL,
			       "CONFIG_%s has a quote without its partner, or ends in a backslash: %s",
			       symbol, text);
	return 0;
}

static void disk_fini(struct disk *disk)
{
	free(disk->path);
	free(disk->serial);
}

/* Digits, and K, M, G or T */
static bool is_size(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && *text != '0' &&
	       (!text[len] || (strchr("KMGT", text[len]) && !text[len + 1]));
}

/* Returns 0 or -EINVAL. */
static int take_option(struct disk *disk, const char *option, bool *has_size)
{
	if (!strncmp(option, "size=", 5) && is_size(option + 5))
		*has_size = true;
	else if (!strncmp(option, "serial=", 7) && option[7] && !disk->serial)
		disk->serial = str_printf("%.*s", SERIAL_MAX, option + 7);
	else if (!strcmp(option, "kept"))
		disk->is_kept = true;
	else if (!strcmp(option, "ro"))
		disk->is_read_only = true;
	else if (!strcmp(option, "discard"))
		disk->has_discard = true;
	else if (!strcmp(option, "qcow2"))
		disk->is_qcow2 = true;
	else
		return -EINVAL;
	return 0;
}

static int take_options(struct disk *disk, const char *symbol, char *options,
			bool *has_size, char **why)
{
	char *option;

	while ((option = strsep(&options, ",")))
		if (take_option(disk, option, has_size) < 0)
			return why_set(why, -EINVAL,
				       "CONFIG_%s: `%s' is none of size=64M, kept, ro, discard, qcow2 and serial=NAME",
				       symbol, option);
	return 0;
}

bool hostfiles_is_name(const char *text)
{
	if (!*text || *text == '.' || strlen(text) > NAME_LETTERS)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
			return false;
	return true;
}

static int take_name(struct disk *disk, const char *symbol, const char *name,
		     const char *dir, bool has_size, char **why)
{
	const char *base = strrchr(name, '/');

	disk->is_made = *name != '/';
	if (disk->is_made && !hostfiles_is_name(name))
		return why_set(why, -EINVAL,
			       "CONFIG_%s: `%s' is neither a name nor an absolute path",
			       symbol, name);
	if (disk->is_made != has_size)
		return why_set(why, -EINVAL,
			       "CONFIG_%s: %s is %s", symbol, name, has_size ?
			       "an existing file, whose size cannot be chosen" :
			       "to be made, and its size is not given (,size=64M)");
	if (disk->is_made && disk->is_qcow2)
		return why_set(why, -EINVAL,
			       "CONFIG_%s: %s is made without qcow2", symbol,
			       name);
	disk->path = disk->is_made ? str_printf("%s/vm/disks/%s", dir, name) :
				     xstrdup(name);
	if (!disk->serial)
		disk->serial = str_printf("%.*s", SERIAL_MAX,
					  base ? base + 1 : name);
	return 0;
}

static int disk_parse(struct disk *ret, const char *symbol, const char *word,
		      const char *dir, char **why)
{
	char *copy = xstrdup(word);
	char *rest = copy;
	bool has_size = false;
	char *name;
	int err;

	*ret = (struct disk){};
	name = strsep(&rest, ",");
	err = take_options(ret, symbol, rest, &has_size, why);
	if (!err)
		err = take_name(ret, symbol, name, dir, has_size, why);
	free(copy);
	if (err < 0)
		disk_fini(ret);
	return err;
}

void disks_fini(struct disks *disks)
{
	while (disks->count)
		disk_fini(&disks->disk[--disks->count]);
	free(disks->disk);
	disks->disk = NULL;
}

int disks_init(struct disks *ret, const struct config *config,
	       const char *symbol, const char *dir, char **why)
{
	struct argv words;
	size_t i;
	int err;

	*ret = (struct disks){ .symbol = symbol };
	err = hostfiles_list(&words, config, symbol, why);
	ret->disk = xcalloc(words.count, sizeof(*ret->disk));
	for (i = 0; i < words.count && !err; i++) {
		err = disk_parse(&ret->disk[i], symbol, words.word[i], dir,
				 why);
		if (!err)
			ret->count++;
	}
	argv_fini(&words);
	if (err < 0)
		disks_fini(ret);
	return err;
}

static void share_fini(struct share *share)
{
	free(share->host);
	free(share->guest);
}

static int share_parse(struct share *ret, const char *word, char **why)
{
	char *copy = xstrdup(word);
	char *rest = copy;
	char *host = strsep(&rest, ",");
	char *guest = strsep(&rest, ",");
	int err = 0;

	*ret = (struct share){};
	if (*host != '/' || !guest || *guest != '/' || !guest[1] ||
	    strpbrk(guest, " \t\"") || (rest && strcmp(rest, "rw"))) {
		err = why_set(why, -EINVAL,
			      "CONFIG_VM_SHARES: `%s' is not /folder/of/the/host,/folder/in/the/guest with or without ,rw",
			      word);
		goto out_free_copy;
	}
	ret->host = xstrdup(host);
	ret->guest = xstrdup(guest);
	ret->is_writable = rest;
out_free_copy:
	free(copy);
	return err;
}

void shares_fini(struct shares *shares)
{
	while (shares->count)
		share_fini(&shares->share[--shares->count]);
	free(shares->share);
	shares->share = NULL;
}

/* A folder that has its own name in the guest */
static int share_parse_own(struct share *ret, const char *word, char **why)
{
	*ret = (struct share){};
	if (*word != '/' || !word[1] || strpbrk(word, " \t\","))
		return why_set(why, -EINVAL,
			       "CONFIG_VM_HOST_WRITE: `%s' is not /folder/of/the/host",
			       word);
	ret->host = xstrdup(word);
	ret->guest = xstrdup(word);
	ret->is_writable = true;
	return 0;
}

static int shares_add(struct shares *shares, const struct config *config,
		      const char *symbol,
		      int (*parse)(struct share *ret, const char *word, char **why),
		      char **why)
{
	struct argv words;
	size_t i;
	int err;

	err = hostfiles_list(&words, config, symbol, why);
	shares->share = xreallocarray(shares->share,
				      shares->count + words.count,
				      sizeof(*shares->share));
	for (i = 0; i < words.count && !err; i++) {
		err = parse(&shares->share[shares->count], words.word[i], why);
		if (!err)
			shares->share[shares->count++].symbol = symbol;
	}
	argv_fini(&words);
	return err;
}

int shares_init(struct shares *ret, const struct config *config, char **why)
{
	int err;

	*ret = (struct shares){};
	err = shares_add(ret, config, "VM_SHARES", share_parse, why);
	if (!err)
		err = shares_add(ret, config, "VM_HOST_WRITE", share_parse_own,
				 why);
	if (err < 0)
		shares_fini(ret);
	return err;
}

static int check_disk(const struct disk *disk, const char *symbol, char **why)
{
	int mode = disk->is_kept && !disk->is_read_only ? R_OK | W_OK : R_OK;

	if (!access(disk->path, mode))
		return 0;
	return why_set(why, -errno, "the disk %s of CONFIG_%s: %s%s",
		       disk->path, symbol, strerror(errno),
		       disk->is_made ? "; run `make` first" : "");
}

static int check_disks(const struct disks *disks, char **why)
{
	size_t i;
	int err = 0;

	for (i = 0; i < disks->count && !err; i++)
		err = check_disk(&disks->disk[i], disks->symbol, why);
	return err;
}

static int check_folder(const char *folder, const char *symbol, char **why)
{
	struct stat st;
	int err = 0;

	if (stat(folder, &st) < 0)
		err = -errno;
	else if (!S_ISDIR(st.st_mode))
		err = -ENOTDIR;
	if (err < 0)
		why_set(why, err, "the folder %s of CONFIG_%s: %s", folder,
			symbol, strerror(-err));
	return err;
}

static int check_pages(const struct plan_memory *memory, char **why)
{
	long wanted = memory->mib / 2, free_pages = 0;
	char *text;

	if (!memory->is_huge)
		return 0;
	if (memory->mib % 2)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_HUGEPAGES: a memory of %ld MiB is no number of huge pages, which have 2 MiB",
			       memory->mib);
	if (!file_read(&text, FREE_PAGES)) {
		free_pages = strtol(text, NULL, 10);
		free(text);
	}
	if (free_pages >= wanted)
		return 0;
	return why_set(why, -ENOMEM,
		       "CONFIG_VM_HUGEPAGES: %ld huge pages are free here and the machine needs %ld; root sets them aside with: echo %ld >/proc/sys/vm/nr_hugepages",
		       free_pages, wanted, wanted);
}

int hostfiles_check(const struct plan *plan, char **why)
{
	size_t i;
	int err;

	err = check_pages(&plan->memory, why);
	for (i = 0; i < DISKS_COUNT && !err; i++)
		err = check_disks(&plan->disks[i], why);
	for (i = 0; i < plan->shares.count && !err; i++)
		err = check_folder(plan->shares.share[i].host,
				   plan->shares.share[i].symbol, why);
	if (!err && plan->root.folder)
		err = check_folder(plan->root.folder, "ROOTFS_FOLDER_DIR", why);
	return err;
}
