//! Which notices of the office were read on this device. It is kept first, and the office is told when it can be reached.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::Client;
use crate::store::errands::{Errand, What};

/// The name under which it is kept.
const KEPT: &str = "bulletins";

pub type Read = BTreeSet<u32>;

impl Client {
    pub async fn bulletins_read(&self) -> Read {
        self.kept(KEPT).await.unwrap_or_default()
    }

    /// Forgets, too, what the directory does not carry any more.
    pub async fn read_bulletin(&self, id: u32) {
        let mut read = self.bulletins_read().await;
        self.office.with_untracked(|office| {
            let standing = |id: &u32| office.iter().flat_map(|office| &office.bulletins).any(|one| one.id == *id);
            read.retain(standing);
        });
        read.insert(id);
        self.keep(KEPT, &read).await;
        if let Some(store) = self.behind().store() {
            let _ = store.set_errand(&Errand::new(What::Read(id), 0)).await;
            self.errands_changed();
        }
    }
}
