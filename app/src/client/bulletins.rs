//! Which notices of the office were read on this device. It is kept first and told then, at once or when the office is next
//! reached; said twice it is true once.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::Client;

/// The name under which it is kept.
const KEPT: &str = "bulletins";

/// The notices that were read, and whether the office knows.
pub type Read = BTreeMap<u32, bool>;

impl Client {
    pub async fn bulletins_read(&self) -> Read {
        self.kept(KEPT).await.unwrap_or_default()
    }

    pub async fn read_bulletin(&self, id: u32) {
        let mut read = self.bulletins_read().await;
        read.entry(id).or_insert(false);
        self.keep(KEPT, &read).await;
        self.tell_read().await;
    }

    /// Forgets, too, what the directory does not carry any more.
    pub async fn tell_read(&self) {
        let mut read = self.bulletins_read().await;
        let before = read.clone();
        let standing = self.office.with_untracked(|office| {
            let bulletins = office.iter().flat_map(|office| &office.bulletins);
            bulletins.map(|bulletin| bulletin.id).collect::<Vec<_>>()
        });
        read.retain(|id, told| !*told || standing.contains(id));
        for (id, told) in read.iter_mut().filter(|(_, told)| !**told) {
            // One that the office does not know is as good as told.
            let answer = self.post::<_, ()>(&format!("/api/bulletins/{id}/read"), &()).await;
            *told = matches!(answer, Ok(()) | Err(super::CallError::Problem(_)));
        }
        if read != before {
            self.keep(KEPT, &read).await;
        }
    }
}
