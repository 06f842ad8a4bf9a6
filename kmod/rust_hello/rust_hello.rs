// SPDX-License-Identifier: GPL-2.0-only

//! `rust_hello` prints greetings, remembers whom it greeted, and says goodbye to
//! them in reverse order.

use kernel::prelude::*;

module! {
    type: RustHello,
    name: "rust_hello",
    description: "Greets some and takes its leave of them",
    license: "GPL",
}

struct RustHello {
    greeted: KVec<&'static str>,
}

impl kernel::Module for RustHello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut greeted = KVec::new();

        for name in ["world", "kernel", "reader"] {
            pr_info!("Hello, {}!\n", name);
            greeted.push(name, GFP_KERNEL)?;
        }

        Ok(RustHello { greeted })
    }
}

impl Drop for RustHello {
    fn drop(&mut self) {
        for name in self.greeted.iter().rev() {
            pr_info!("Goodbye, {}.\n", name);
        }
    }
}
