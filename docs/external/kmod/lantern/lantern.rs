// SPDX-License-Identifier: GPL-2.0-only

//! `lantern` shines as long as it is loaded.

use kernel::prelude::*;

module! {
    type: Lantern,
    name: "lantern",
    description: "Shines as long as it is loaded",
    license: "GPL",
}

struct Lantern;

impl kernel::Module for Lantern {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("There is light.\n");
        Ok(Lantern)
    }
}

impl Drop for Lantern {
    fn drop(&mut self) {
        pr_info!("It is dark.\n");
    }
}
