//! Work of others that came in a hand-over file and is on its way to the office: each parcel whole, in the parts of the file.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::sync::handover::{Head, Heard};
use xiaohao_shared::sync::wire::Verdict;
use xiaohao_shared::time::Timestamp;

use super::{CARRIED, PARCELS, Store, StoreError, Tx, put_json};
use crate::browser::bytes;

/// A parcel, and how far its way to the office has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Tells it from all others.
    pub name: String,
    pub device: DeviceId,
    /// Who made it, as it says itself.
    pub person: PersonId,
    /// By its maker's clock.
    pub created: Timestamp,
    /// Rounds among them.
    pub changes: u32,
    /// As people count them.
    pub photos: u32,
    /// Records sections, and how many the office has answered.
    pub sections: u32,
    pub sent_sections: u32,
    /// Photos with their thumbnails, and how many are there.
    pub pieces: u32,
    pub sent_pieces: u32,
    /// Where the office takes the rest of the photo that is under way.
    pub location: Option<String>,
    pub tally: Tally,
    /// Why the office takes nothing of it.
    pub refusal: Option<ProblemKind>,
}

/// What the office said of the changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub accepted: u32,
    pub known: u32,
    pub held: u32,
    pub refused: u32,
    /// They build on changes that the office does not have yet.
    pub missing: u32,
    pub photos_refused: u32,
}

impl Tally {
    pub fn count(&mut self, verdict: &Verdict) {
        let counter = match verdict {
            Verdict::Accepted { .. } => &mut self.accepted,
            Verdict::Known { .. } => &mut self.known,
            Verdict::Held(_) => &mut self.held,
            Verdict::Refused(_) => &mut self.refused,
            Verdict::MissingDependencies => &mut self.missing,
        };
        *counter += 1;
    }

    pub fn count_round(&mut self, heard: Heard) {
        let counter = match heard {
            Heard::New => &mut self.accepted,
            Heard::Known => &mut self.known,
            Heard::Refused => &mut self.refused,
        };
        *counter += 1;
    }
}

impl Carried {
    pub fn new(head: &Head) -> Self {
        let manifest = &head.manifest;
        Self {
            name: head.name(),
            device: manifest.device,
            person: manifest.person,
            created: manifest.created,
            changes: manifest.changes,
            photos: manifest.photo_count() as u32,
            sections: manifest.records.len() as u32,
            sent_sections: 0,
            pieces: manifest.photos.len() as u32,
            sent_pieces: 0,
            location: None,
            tally: Tally::default(),
            refusal: None,
        }
    }

    /// Nothing of it has to go anywhere any more.
    pub fn is_done(&self) -> bool {
        self.refusal.is_some() || (self.sent_sections >= self.sections && self.sent_pieces >= self.pieces)
    }

    /// The keys of its parts, in the order of the file.
    pub fn parts(&self) -> impl Iterator<Item = String> + '_ {
        let records = (0..self.sections).map(|at| self.records(at));
        let photos = (0..self.pieces).map(|at| self.photo(at));
        std::iter::once(self.head()).chain(records).chain(photos)
    }

    pub fn head(&self) -> String {
        format!("{}/head", self.name)
    }

    pub fn records(&self, at: u32) -> String {
        format!("{}/records/{at}", self.name)
    }

    pub fn photo(&self, at: u32) -> String {
        format!("{}/photo/{at}", self.name)
    }
}

impl Store {
    pub async fn carried(&self) -> Result<Vec<Carried>, StoreError> {
        let carried = self.db.read(&[CARRIED])?.all(CARRIED).await?;
        let mut carried: Vec<Carried> =
            carried.iter().filter_map(|(_, one)| serde_json::from_str(&one.as_string()?).ok()).collect();
        carried.sort_by_key(|one| one.created);
        Ok(carried)
    }

    /// Makes whole parcels durable, all or none. One that is here already stays as far as it has come.
    pub async fn carry(&self, parcels: &[(Carried, Vec<Uint8Array>)]) -> Result<(), StoreError> {
        let here = self.carried().await?;
        let tx = self.db.write(&[CARRIED, PARCELS])?;
        let is_here = |parcel: &Carried| here.iter().any(|one| one.name == parcel.name && !one.is_done());
        for (parcel, parts) in parcels.iter().filter(|(parcel, _)| !is_here(parcel)) {
            put_json(&tx, CARRIED, &parcel.name, parcel)?;
            for (key, part) in parcel.parts().zip(parts) {
                tx.put(PARCELS, &key, part)?;
            }
        }
        tx.done().await
    }

    /// Notes how far a parcel has come. The bytes of one that is done go.
    pub async fn set_carried(&self, parcel: &Carried) -> Result<(), StoreError> {
        let tx = self.db.write(&[CARRIED, PARCELS])?;
        put_json(&tx, CARRIED, &parcel.name, parcel)?;
        if parcel.is_done() {
            delete_parts(&tx, parcel)?;
        }
        tx.done().await
    }

    pub async fn forget_carried(&self, parcel: &Carried) -> Result<(), StoreError> {
        let tx = self.db.write(&[CARRIED, PARCELS])?;
        tx.delete(CARRIED, &parcel.name)?;
        delete_parts(&tx, parcel)?;
        tx.done().await
    }

    /// One part of a parcel, as it stood in the file.
    pub async fn part(&self, key: &str) -> Result<Option<Uint8Array>, StoreError> {
        let part = self.db.read(&[PARCELS])?.get(PARCELS, key).await?;
        Ok(part.and_then(|part| part.dyn_into().ok()))
    }
}

fn delete_parts(tx: &Tx, parcel: &Carried) -> Result<(), StoreError> {
    parcel.parts().try_for_each(|key| tx.delete(PARCELS, &key))
}

/// A part that is made here.
pub fn part_of(content: &[u8]) -> Uint8Array {
    bytes(content).unchecked_into()
}
