// SPDX-License-Identifier: GPL-2.0-only

//! `rust_misc` creates /dev/rust_misc, which greets each reader with a number.

use kernel::{
    fs::{File, Kiocb},
    iov::IovIterDest,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
    str::CString,
    sync::atomic::{Atomic, Relaxed},
};

module! {
    type: RustMisc,
    name: "rust_misc",
    description: "Greets who reads /dev/rust_misc",
    license: "GPL",
}

static READERS: Atomic<i32> = Atomic::new(0);

#[pin_data]
struct RustMisc {
    #[pin]
    _device: MiscDeviceRegistration<Reader>,
}

impl kernel::InPlaceModule for RustMisc {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let options = MiscDeviceOptions {
            name: c"rust_misc",
        };

        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(options),
        })
    }
}

/// An open file of the device.
struct Reader {
    number: i32,
    greeting: CString,
}

#[vtable]
impl MiscDevice for Reader {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        let number = READERS.fetch_add(1, Relaxed) + 1;
        let greeting = CString::try_from_fmt(fmt!("Hello, reader {number}!\n"))?;

        pr_info!("Reader {} comes.\n", number);
        Ok(KBox::new(Reader { number, greeting }, GFP_KERNEL)?)
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let reader = kiocb.file();

        iov.simple_read_from_buffer(kiocb.ki_pos_mut(), reader.greeting.to_bytes())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        pr_info!("Reader {} leaves.\n", self.number);
    }
}
