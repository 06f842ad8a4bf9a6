// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for edu, QEMU's educational device (VM_EDU in the menu), to start your
 * own from.
 *
 *	echo 5 >/sys/kernel/debug/edu/factorial
 *	cat /sys/kernel/debug/edu/factorial
 *
 * The device computes in the background and raises an interrupt when it is done.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>

/* The registers, as docs/specs/edu of QEMU has them */
#define EDU_ID 0x00
#define EDU_FACTORIAL 0x08
#define EDU_STATUS 0x20
#define EDU_STATUS_RAISE 0x80 /* an interrupt when the factorial is there */
#define EDU_RAISED 0x24
#define EDU_ACKNOWLEDGE 0x64

#define EDU_MS 10000 /* much more than a factorial takes */

struct edu {
	void __iomem *regs;
	struct dentry *dir;
	struct completion done;
	struct mutex lock; /* one factorial at a time */
};

static irqreturn_t edu_irq(int irq, void *data)
{
	struct edu *edu = data;
	u32 raised = readl(edu->regs + EDU_RAISED);

	if (!raised)
		return IRQ_NONE;
	writel(raised, edu->regs + EDU_ACKNOWLEDGE);
	complete(&edu->done);
	return IRQ_HANDLED;
}

static int edu_compute(void *data, u64 n)
{
	struct edu *edu = data;
	int err = 0;

	mutex_lock(&edu->lock);
	reinit_completion(&edu->done);
	writel(EDU_STATUS_RAISE, edu->regs + EDU_STATUS);
	writel(n, edu->regs + EDU_FACTORIAL);
	if (!wait_for_completion_timeout(&edu->done, msecs_to_jiffies(EDU_MS)))
		err = -ETIMEDOUT;
	mutex_unlock(&edu->lock);
	return err;
}

static int edu_result(void *data, u64 *result)
{
	struct edu *edu = data;

	*result = readl(edu->regs + EDU_FACTORIAL);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(edu_factorial, edu_result, edu_compute, "%llu\n");

static void edu_free_vectors(void *data)
{
	pci_free_irq_vectors(data);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int err;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	mutex_init(&edu->lock);
	init_completion(&edu->done);
	pci_set_drvdata(pdev, edu);

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (err)
		return err;
	edu->regs = pcim_iomap_table(pdev)[0];

	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		return err;
	err = devm_add_action_or_reset(&pdev->dev, edu_free_vectors, pdev);
	if (err)
		return err;
	err = devm_request_irq(&pdev->dev, pci_irq_vector(pdev, 0), edu_irq,
			       IRQF_SHARED, KBUILD_MODNAME, edu);
	if (err)
		return err;

	edu->dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("factorial", 0600, edu->dir, edu, &edu_factorial);
	pci_info(pdev, "version %#x\n", readl(edu->regs + EDU_ID));
	return 0;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	debugfs_remove(edu->dir);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("QEMU's edu device");
MODULE_LICENSE("GPL");
