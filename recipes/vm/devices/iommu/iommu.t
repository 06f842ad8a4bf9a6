#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a disk reads goes through the IOMMU.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

needs VIRTIO_PCI BLK_DEV_NVME VIRTIO_IOMMU
machine q35 VM_IOMMU=y VM_HAS_DISKS=y VM_NVME=y VM_DISKS_NVME='n1,size=16M,kept'
printf 'by NVMe' | dd of="$lab/vm/disks/n1" conv=notrunc status=none
is 'a drive behind the IOMMU is read by mapped DMA' \
	"$(guest 'head -c 7 /dev/nvme0n1; echo; cat /sys/class/nvme/nvme0/device/iommu_group/type | cut -c 1-3')" $'by NVMe\nDMA'
finish
