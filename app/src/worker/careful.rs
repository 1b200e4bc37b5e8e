//! One bad document stays alone: whatever killed the last worker is found by going through the suspects one by one,
//! set aside with its bytes, and left alone until there is another version of the app.

use std::collections::BTreeSet;

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::sync::wire::{Body, Item, Response};

use crate::store::{Store, StoreError};

/// Workers that must die of a document alone before it counts as the cause: the browser may have been killed just then.
const TRIALS: u32 = 2;

/// What the writer must be careful with.
#[derive(Default)]
pub struct Care {
    avoided: BTreeSet<IssueId>,
    suspects: BTreeSet<IssueId>,
    trial: u32,
    /// How many pieces of bytes lie aside.
    pub set_aside: u32,
}

impl Care {
    /// Reads the journal of the last worker, and tries what it names one by one, each under its own name.
    pub async fn begin(store: &Store, version: &str) -> Result<Self, StoreError> {
        let journal = store.journal().await?.unwrap_or_default();
        let trial = journal.trial + 1;
        if journal.trial >= TRIALS {
            for culprit in &journal.issues {
                store.set_aside(*culprit, version).await?;
            }
        }
        for issue in &journal.issues {
            try_stored(store, *issue, trial).await?;
        }
        if !journal.issues.is_empty() {
            store.clear_journal().await?;
        }
        let avoided = store.avoided(version).await?.issues.into_iter().collect();
        let suspects = journal.issues.into_iter().collect();
        Ok(Self { avoided, suspects, trial, set_aside: store.count_set_aside().await? })
    }

    /// A page without what must not be touched. What the last worker may have died of is tried first on a copy.
    pub async fn check(&self, store: &Store, mut response: Response) -> Result<Response, StoreError> {
        response.items.retain(|item| !self.avoided.contains(&item.issue));
        for issue in &self.suspects {
            let items = response.items.iter().filter(|item| item.issue == *issue);
            try_items(store, *issue, self.trial, items).await?;
        }
        Ok(response)
    }

    pub fn page_survived(&mut self) {
        self.suspects.clear();
    }
}

/// Loading notes the name; dying here leaves it in the journal alone.
async fn try_stored(store: &Store, issue: IssueId, trial: u32) -> Result<Option<Document>, StoreError> {
    let stored = store.load(&[issue], trial).await?.pop().and_then(|(_, stored)| stored);
    let document = stored.and_then(|stored| Document::load(&stored.bytes).ok());
    if let Some(document) = &document {
        // Errors are the engine's to handle; only dying matters here.
        let _ = document.read(issue).map(|_| document.conflicts());
    }
    Ok(document)
}

async fn try_items<'a>(
    store: &Store,
    issue: IssueId,
    trial: u32,
    items: impl Iterator<Item = &'a Item>,
) -> Result<(), StoreError> {
    let mut document = try_stored(store, issue, trial).await?.unwrap_or_default();
    for item in items {
        let _ = match &item.body {
            Body::Change(change) => document.apply([change.as_slice()]),
            Body::Snapshot(bytes) => Document::load(bytes).and_then(|mut other| document.merge(&mut other)),
            Body::LetGo => Ok(()),
        };
    }
    let _ = document.read(issue);
    store.clear_journal().await
}
