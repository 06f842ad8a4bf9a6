// SPDX-License-Identifier: GPL-2.0-only
/*
 * kiln-pci - virtio-kiln as a PCI device
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "hw/virtio/virtio-pci.h"
#include "qom/object.h"

#include "kiln.h"

#define TYPE_VIRTIO_KILN_PCI "virtio-kiln-pci"
OBJECT_DECLARE_SIMPLE_TYPE(KilnPCI, VIRTIO_KILN_PCI)

struct KilnPCI {
	VirtIOPCIProxy parent_obj;
	VirtIOKiln vdev;
};

/* An interrupt for each queue, and one for the configuration */
#define VECTORS 3

static KILN_PROPERTY kiln_pci_properties[] = {
	DEFINE_PROP_BIT("ioeventfd", VirtIOPCIProxy, flags,
			VIRTIO_PCI_FLAG_USE_IOEVENTFD_BIT, true),
	DEFINE_PROP_UINT32("vectors", VirtIOPCIProxy, nvectors, VECTORS),
	KILN_PROPERTIES_END
};

static void kiln_pci_realize(VirtIOPCIProxy *proxy, Error **errp)
{
	KilnPCI *pci = VIRTIO_KILN_PCI(proxy);

	virtio_pci_force_virtio_1(proxy);
	qdev_realize(DEVICE(&pci->vdev), BUS(&proxy->bus), errp);
}

static void kiln_pci_class_init(ObjectClass *klass, KILN_CLASS_DATA data)
{
	DeviceClass *dc = DEVICE_CLASS(klass);
	VirtioPCIClass *vpc = VIRTIO_PCI_CLASS(klass);
	PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

	vpc->realize = kiln_pci_realize;
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
	device_class_set_props(dc, kiln_pci_properties);
	pc->class_id = PCI_CLASS_OTHERS;
}

static void kiln_pci_init(Object *obj)
{
	KilnPCI *pci = VIRTIO_KILN_PCI(obj);

	virtio_instance_init_common(obj, &pci->vdev, sizeof(pci->vdev),
				    TYPE_VIRTIO_KILN);
	object_property_add_alias(obj, "message", OBJECT(&pci->vdev), "message");
}

static const VirtioPCIDeviceTypeInfo kiln_pci_info = {
	.generic_name = TYPE_VIRTIO_KILN_PCI,
	.instance_size = sizeof(KilnPCI),
	.instance_init = kiln_pci_init,
	.class_init = kiln_pci_class_init,
};

static void kiln_pci_register(void)
{
	virtio_pci_types_register(&kiln_pci_info);
}

type_init(kiln_pci_register)
