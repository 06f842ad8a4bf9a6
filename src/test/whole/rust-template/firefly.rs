// SPDX-License-Identifier: GPL-2.0-only

//! A module that is called otherwise than the folder that it lies in.

use kernel::prelude::*;

module! {
    type: Firefly,
    name: "firefly",
    description: "Glows while it is loaded",
    license: "GPL",
}

struct Firefly {
    blinks: usize,
}

impl kernel::Module for Firefly {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("It glows.\n");
        Ok(Firefly { blinks: 3 })
    }
}

impl Drop for Firefly {
    fn drop(&mut self) {
        pr_info!("It blinks {} times, and is gone.\n", self.blinks);
    }
}
