//! Which notices of the office were read on this device. It is kept first, and the office is told when it can be reached.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde::Deserialize;

use super::Client;
use crate::store::errands::{Errand, What};

/// The name under which it is kept.
const KEPT: &str = "bulletins";

pub type Read = BTreeSet<u32>;

/// As it lies in the store: a former version kept beside each whether the office had been told.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Read(Read),
    WithTold(BTreeMap<String, bool>),
}

impl Client {
    pub async fn bulletins_read(&self) -> Read {
        match self.kept(KEPT).await {
            Some(Kept::Read(read)) => read,
            Some(Kept::WithTold(told)) => told.keys().filter_map(|id| id.parse().ok()).collect(),
            None => Read::new(),
        }
    }

    /// Forgets, too, what the directory does not carry any more.
    pub async fn read_bulletin(&self, id: u32) {
        let mut read = self.bulletins_read().await;
        self.office.with_untracked(|office| {
            let standing = |id: &u32| office.iter().flat_map(|office| &office.bulletins).any(|one| one.id == *id);
            read.retain(standing);
        });
        read.insert(id);
        if let Some(store) = self.behind().store() {
            let _ = store.set_draft_and_errand(KEPT, &read, &Errand::new(What::Read(id), 0)).await;
            self.errands_changed();
        }
    }
}
