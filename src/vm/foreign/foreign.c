// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/argv.h"
#include "lib/macros.h"
#include "lib/str.h"
#include "lib/why.h"
#include "lib/xmalloc.h"
#include "vm/foreign/elf.h"
#include "vm/foreign/foreign.h"
#include "vm/foreign/image.h"
#include "vm/foreign/unpack.h"

/* The IKCONFIG of the kernel: gzip's work between these two. */
#define CONFIG_BEGINS "IKCFG_ST"
#define CONFIG_ENDS "IKCFG_ED"

/* A kernel that is looked at */
struct foreign_look {
	struct foreign *foreign;
	const struct foreign_kind *kind;
};

/*
 * Append the paths that a file of this name has beside the kernel's; with its release,
 * if `suffix' is that.
 */
static void foreign_add_beside(struct argv *paths, const struct foreign_look *look,
			       const char *name, const char *suffix)
{
	const char *path = look->foreign->path, *place = look->kind->place;
	size_t len = strlen(path), in_build = strlen(place);

	if (!suffix)
		return;
	argv_addf(paths, "%.*s/%s%s", (int)(strrchr(path, '/') - path), path,
		  name, suffix);
	/* The slash before the place is no part of it. */
	if (in_build && len > in_build + 1 &&
	    !strcmp(path + len - in_build, place))
		argv_addf(paths, "%.*s%s%s", (int)(len - in_build), path, name,
			  suffix);
}

/* Other programs have a .config as well: only a kernel's has this in its head. */
#define CONFIG_IS_LINUX " Kernel Configuration\n"

/* NULL if the span is no configuration of a kernel. */
static struct config *foreign_parse_config(struct span text)
{
	struct config *config;
	char *copy;

	if (!span_behind(text, CONFIG_IS_LINUX).bytes ||
	    memchr(text.bytes, 0, text.size))
		return NULL;
	copy = str_printf("%.*s", (int)text.size, text.bytes);
	config = config_parse(copy);
	free(copy);
	return config;
}

/* What IKCONFIG has left in the kernel. */
static void foreign_read_own_config(struct foreign *foreign,
				    const struct image *image)
{
	struct span packed = image_behind(image, CONFIG_BEGINS "\x1f\x8b");
	struct span behind = span_behind(packed, CONFIG_ENDS);
	struct span text;

	if (!behind.bytes)
		return;
	packed.bytes -= 2;
	packed.size = behind.bytes - strlen(CONFIG_ENDS) - packed.bytes;
	if (unpack(&text, packed) < 0)
		return;
	foreign->config = foreign_parse_config(text);
	if (foreign->config)
		foreign->config_of = xstrdup("its IKCONFIG");
	unpack_free(text);
}

static void foreign_find_config(const struct foreign_look *look)
{
	struct foreign *foreign = look->foreign;
	struct argv paths = {};
	struct span text;
	size_t i;

	foreign_add_beside(&paths, look, ".config", "");
	foreign_add_beside(&paths, look, "config-", foreign->release);
	foreign_add_beside(&paths, look, "config", "");
	for (i = 0; i < paths.count && !foreign->config; i++) {
		if (image_map(&text, paths.word[i]) < 0)
			continue;
		foreign->config = foreign_parse_config(text);
		image_unmap(text);
		if (foreign->config)
			foreign->config_of = xstrdup(paths.word[i]);
	}
	argv_fini(&paths);
}

static bool foreign_has_id(const char *path, struct span id)
{
	struct span file, own;
	bool is_same;

	if (image_map(&file, path) < 0)
		return false;
	own = elf_note(file, ELF_BUILD_ID);
	is_same = own.size == id.size && !memcmp(own.bytes, id.bytes, id.size);
	image_unmap(file);
	return is_same;
}

static void foreign_find_vmlinux(const struct foreign_look *look, struct span id)
{
	struct foreign *foreign = look->foreign;
	struct argv paths = {};
	size_t i;

	foreign_add_beside(&paths, look, "vmlinux", "");
	foreign_add_beside(&paths, look, "vmlinux-", foreign->release);
	for (i = 0; i < paths.count && !foreign->vmlinux; i++)
		if (id.size && foreign_has_id(paths.word[i], id))
			foreign->vmlinux = xstrdup(paths.word[i]);
	argv_fini(&paths);
}

/* Read the kernel and what lies beside it. */
static int foreign_read(const struct foreign_look *look, char **why)
{
	struct foreign *foreign = look->foreign;
	struct image image;
	int err;

	err = image_open(&image, foreign->path, look->kind, why);
	if (err < 0)
		goto out_close;
	if (image.release)
		foreign->release = xstrdup(image.release);
	foreign->memory = image.memory;
	foreign_read_own_config(foreign, &image);
	if (!foreign->config)
		foreign_find_config(look);
	if (image.is_vmlinux)
		foreign->vmlinux = xstrdup(foreign->path);
	else
		foreign_find_vmlinux(look, image.id);
out_close:
	image_close(&image);
	return err;
}

static bool foreign_is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The folder of this release, which dir is or has; NULL: neither. */
static char *foreign_modules_of(const char *dir, const char *release)
{
	static const char *const ways[] = { "/lib/modules/", "/usr/lib/modules/",
					    "/" };
	char *path, *real = realpath(dir, NULL);
	const char *name = real ? strrchr(real, '/') + 1 : "";
	size_t i;

	if (!strcmp(name, release) && foreign_is_folder(real))
		return real;
	free(real);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		path = str_printf("%s%s%s", dir, ways[i], release);
		real = foreign_is_folder(path) ? realpath(path, NULL) : NULL;
		free(path);
		if (real)
			return real;
	}
	return NULL;
}

static int foreign_find_modules(struct foreign *foreign, const char *dir,
				char **why)
{
	const char *release = foreign->release;

	if (!foreign_is_folder(dir))
		return why_set(why, -ENOTDIR, "%s is no folder with modules", dir);
	if (!release)
		return why_set(why, -EINVAL,
			       "%s does not tell its release, without which its modules cannot be found",
			       foreign->path);
	foreign->modules = foreign_modules_of(dir, release);
	if (!foreign->modules)
		return why_set(why, -ENOENT,
			       "%s has no modules of %s, the kernel's release: it is neither lib/modules/%s nor has that",
			       dir, release, release);
	/* QEMU would take what follows for something else. */
	if (strchr(foreign->modules, ','))
		return why_set(why, -EINVAL,
			       "%s: QEMU cannot share a folder with a comma in its path",
			       foreign->modules);
	return 0;
}

int foreign_init(struct foreign *ret, const char *file, const char *modules,
		 const struct foreign_kind *kind, char **why)
{
	const struct foreign_look look = { .foreign = ret, .kind = kind };
	int err;

	*ret = (struct foreign){ .path = realpath(file, NULL) };
	if (!ret->path)
		return why_set(why, -errno, "%s: %s", file, strerror(errno));
	err = foreign_read(&look, why);
	if (!err && modules)
		err = foreign_find_modules(ret, modules, why);
	return err;
}

void foreign_fini(struct foreign *foreign)
{
	free(foreign->path);
	free(foreign->release);
	config_close(foreign->config);
	free(foreign->config_of);
	free(foreign->vmlinux);
	free(foreign->modules);
	*foreign = (struct foreign){};
}
