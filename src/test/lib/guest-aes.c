// SPDX-License-Identifier: GPL-2.0-only
/*
 * aes DRIVER - encrypts a block as in FIPS-197, C.1, by a driver of the kernel
 *
 * For tests in a guest: it is static, and prints the cipher text in hexadecimal.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As in linux/if_alg.h, which not every C library finds. */
struct sockaddr_alg {
	unsigned short family;
	char type[14];
	unsigned int feat;
	unsigned int mask;
	char name[64];
};

#define ALG_SET_KEY 1
#define ALG_SET_IV 2
#define ALG_SET_OP 3

struct alg_iv {
	unsigned int size;
	unsigned char iv[16];
};

static const unsigned char key[16] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
};

static const unsigned char text[16] = {
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
};

/* With an IV of zeros CBC's first block is that of AES itself. */
static ssize_t send_block(int fd)
{
	static const struct alg_iv iv = { .size = 16 };
	static const int encrypt = 1;
	char control[CMSG_SPACE(sizeof(encrypt)) + CMSG_SPACE(sizeof(iv))] = "";
	struct iovec iov = { (void *)text, sizeof(text) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_ALG;
	head->cmsg_type = ALG_SET_OP;
	head->cmsg_len = CMSG_LEN(sizeof(encrypt));
	memcpy(CMSG_DATA(head), &encrypt, sizeof(encrypt));
	head = CMSG_NXTHDR(&msg, head);
	head->cmsg_level = SOL_ALG;
	head->cmsg_type = ALG_SET_IV;
	head->cmsg_len = CMSG_LEN(sizeof(iv));
	memcpy(CMSG_DATA(head), &iv, sizeof(iv));
	return sendmsg(fd, &msg, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_alg alg = { .family = AF_ALG, .type = "skcipher" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
	unsigned char out[16];
	size_t i;

	if (argc != 2 || strlen(argv[1]) >= sizeof(alg.name))
		return 2;
	memcpy(alg.name, argv[1], strlen(argv[1]));
	if (bind(fd, (struct sockaddr *)&alg, sizeof(alg)) < 0 ||
	    setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, sizeof(key)) < 0) {
		perror(argv[1]);
		return 1;
	}
	fd = accept(fd, NULL, NULL);
	if (send_block(fd) < 0 || read(fd, out, sizeof(out)) != sizeof(out)) {
		perror("AF_ALG");
		return 1;
	}
	for (i = 0; i < sizeof(out); i++)
		printf("%02x", out[i]);
	puts("");
	return 0;
}
