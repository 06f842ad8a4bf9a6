// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "macros.h"
#include "outside.h"
#include "str.h"
#include "why.h"

#define SERIAL_MAX 20 /* virtio takes no more */
#define NAME_LETTERS 32
#define FREE_PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"

int outside_list(struct argv *ret, const struct config *config,
		 const char *symbol, char **why)
{
	const char *text = config_text(config, symbol);

	*ret = (struct argv){};
	if (argv_split(ret, text) < 0)
		return why_set(why, -EINVAL,
			       "CONFIG_%s has a quote without its partner, or ends in a backslash: %s",
			       symbol, text);
	return argv_err(ret);
}

void disk_fini(struct disk *disk)
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
		disk->serial = strndup(option + 7, SERIAL_MAX);
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

bool outside_is_name(const char *text)
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
	if (disk->is_made && !outside_is_name(name))
		return why_set(why, -EINVAL,
			       "CONFIG_%s: `%s' is neither a name nor an absolute path",
			       symbol, name);
	if (disk->is_made != has_size)
		return why_set(why, -EINVAL,
			       "CONFIG_%s: %s is %s", symbol, name, has_size ?
			       "a file of yours, whose size is not ours to choose" :
			       "to be made, and its size is not given (,size=64M)");
	if (disk->is_made && disk->is_qcow2)
		return why_set(why, -EINVAL,
			       "CONFIG_%s: %s is made without qcow2", symbol,
			       name);
	disk->path = disk->is_made ? str_printf("%s/vm/disks/%s", dir, name) :
				     strdup(name);
	if (!disk->serial)
		disk->serial = strndup(base ? base + 1 : name, SERIAL_MAX);
	return disk->path && disk->serial ? 0 : -ENOMEM;
}

int disk_parse(struct disk *ret, const char *symbol, const char *word,
	       const char *dir, char **why)
{
	char *copy = strdup(word);
	char *rest = copy;
	bool has_size = false;
	char *name;
	int err;

	*ret = (struct disk){};
	name = strsep(&rest, ",");
	if (!name)
		return -ENOMEM;
	err = take_options(ret, symbol, rest, &has_size, why);
	if (!err)
		err = take_name(ret, symbol, name, dir, has_size, why);
	free(copy);
	if (err < 0)
		disk_fini(ret);
	return err;
}

static void share_fini(struct share *share)
{
	free(share->host);
	free(share->guest);
}

static int share_parse(struct share *ret, const char *word, char **why)
{
	char *copy = strdup(word);
	char *rest = copy;
	char *host = strsep(&rest, ",");
	char *guest = strsep(&rest, ",");
	int err = 0;

	*ret = (struct share){};
	if (!host)
		return -ENOMEM;
	if (*host != '/' || !guest || *guest != '/' || !guest[1] ||
	    strpbrk(guest, " \t\"") || (rest && strcmp(rest, "rw"))) {
		err = why_set(why, -EINVAL,
			      "CONFIG_VM_SHARES: `%s' is not /folder/of/the/host,/folder/in/the/guest with or without ,rw",
			      word);
		goto out_free_copy;
	}
	ret->host = strdup(host);
	ret->guest = strdup(guest);
	ret->is_writable = rest;
	if (!ret->host || !ret->guest) {
		share_fini(ret);
		err = -ENOMEM;
	}
out_free_copy:
	free(copy);
	return err;
}

void shares_fini(struct shares *shares)
{
	while (shares->count)
		share_fini(&shares->share[--shares->count]);
	free(shares->share);
}

int shares_init(struct shares *ret, const struct config *config, char **why)
{
	struct argv words;
	size_t i;
	int err;

	*ret = (struct shares){};
	err = outside_list(&words, config, "VM_SHARES", why);
	if (!err) {
		ret->share = calloc(words.count + 1, sizeof(*ret->share));
		err = ret->share ? 0 : -ENOMEM;
	}
	for (i = 0; i < words.count && !err; i++) {
		err = share_parse(&ret->share[i], words.word[i], why);
		if (!err)
			ret->count++;
	}
	argv_fini(&words);
	if (err < 0)
		shares_fini(ret);
	return err;
}

static int check_disk(const char *symbol, const char *word, const char *dir,
		      char **why)
{
	struct disk disk;
	int err, mode;

	err = disk_parse(&disk, symbol, word, dir, why);
	if (err < 0)
		return err;
	mode = disk.is_kept && !disk.is_read_only ? R_OK | W_OK : R_OK;
	if (access(disk.path, mode) < 0)
		err = why_set(why, -errno, "the disk %s of CONFIG_%s: %s%s",
			      disk.path, symbol, strerror(errno),
			      disk.is_made ? "; run `make` first" : "");
	disk_fini(&disk);
	return err;
}

static int check_disks(const char *symbol, const struct config *config,
		       const char *dir, char **why)
{
	struct argv words;
	size_t i;
	int err;

	err = outside_list(&words, config, symbol, why);
	for (i = 0; i < words.count && !err; i++)
		err = check_disk(symbol, words.word[i], dir, why);
	argv_fini(&words);
	return err;
}

static int check_share(const struct share *share, char **why)
{
	struct stat st;
	int err = 0;

	if (stat(share->host, &st) < 0)
		err = -errno;
	else if (!S_ISDIR(st.st_mode))
		err = -ENOTDIR;
	if (err < 0)
		why_set(why, err, "the folder %s of CONFIG_VM_SHARES: %s",
			share->host, strerror(-err));
	return err;
}

static int check_shares(const struct config *config, char **why)
{
	struct shares shares;
	size_t i;
	int err;

	err = shares_init(&shares, config, why);
	if (err < 0)
		return err;
	for (i = 0; i < shares.count && !err; i++)
		err = check_share(&shares.share[i], why);
	shares_fini(&shares);
	return err;
}

static int check_pages(const struct config *config, char **why)
{
	long memory, free_pages = 0;
	char *text;

	if (!config_is_on(config, "VM_HUGEPAGES") ||
	    config_number(config, "VM_MEMORY", &memory) < 0)
		return 0;
	if (memory % 2)
		return why_set(why, -EINVAL,
			       "CONFIG_VM_HUGEPAGES: a memory of %ld MiB is no number of huge pages, which have 2 MiB",
			       memory);
	if (!file_read(&text, FREE_PAGES)) {
		free_pages = strtol(text, NULL, 10);
		free(text);
	}
	if (free_pages >= memory / 2)
		return 0;
	return why_set(why, -ENOMEM,
		       "CONFIG_VM_HUGEPAGES: %ld huge pages are free here and the machine needs %ld; root sets them aside with: echo %ld >/proc/sys/vm/nr_hugepages",
		       free_pages, memory / 2, memory / 2);
}

static const char *const disks[] = {
	"VM_DISKS", "VM_DISKS_SCSI", "VM_DISKS_NVME",
};

int outside_check(const struct config *config, const char *dir, char **why)
{
	size_t i;
	int err;

	err = check_pages(config, why);
	for (i = 0; i < ARRAY_SIZE(disks) && !err; i++)
		err = check_disks(disks[i], config, dir, why);
	return err ? err : check_shares(config, why);
}
