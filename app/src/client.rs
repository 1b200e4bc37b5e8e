//! What the pages know of the world: signals to show and calls to make. Must not know how anything is drawn.
//! Everything behind it lives in the worker, which may die and come back without the page noticing more than a delay.

use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use xiaohao_shared::api::{Enrolled, Office, Problem};
use xiaohao_shared::doc::{Conflict, Edit};
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::{Fix, Issue};
use xiaohao_shared::sync::engine::{NotSaved, Status};
use xiaohao_shared::time::Timestamp;

/// Where the app stands in its life on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    Starting,
    NotEnrolled,
    Ready,
    /// The office took this device out of service: what it holds is hidden.
    Revoked,
    /// The browser does not give what the app cannot do without; the words are for the administrator.
    Broken(String),
}

/// Photos that the office does not have yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotosStatus {
    pub waiting: u32,
    pub waiting_bytes: u64,
    /// The office refused them; they stay on this phone.
    pub failed: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StorageStatus {
    /// Bytes.
    pub used: u64,
    /// Bytes; zero where the browser does not tell.
    pub quota: u64,
    /// The browser promised not to clear it by itself.
    pub persisted: bool,
    /// The app starts without a network.
    pub service_worker: bool,
}

/// An issue as this phone has it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueView {
    pub issue: Issue,
    pub conflicts: Vec<Conflict>,
    pub number: Option<String>,
}

/// How far an issue's own changes have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    SavedHere,
    OnTheWay,
    OfficeHasIt,
    Refused,
}

/// A photo that is durable on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenPhoto {
    pub id: PhotoId,
    /// Pixels.
    pub w: u32,
    pub h: u32,
    /// Bytes.
    pub size: u64,
    pub mime: String,
    pub thumb: PhotoId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoError {
    /// The browser cannot decode it.
    NotAPicture,
    /// There is no room on this phone.
    StorageFailed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceError {
    /// The person or the system said no.
    Denied,
    Unavailable,
    TooSlow,
}

/// Why a call to the office has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    Offline,
    Problem(Problem),
    /// A captive portal or a proxy answered.
    NotTheOffice,
}

#[derive(Clone, Copy)]
pub struct Client {
    pub phase: RwSignal<Phase>,
    /// Every issue on this phone, by id.
    pub rows: RwSignal<Arc<Vec<Summary>>>,
    pub status: RwSignal<Status>,
    /// The directory, also offline.
    pub office: RwSignal<Option<Arc<Office>>>,
    pub photos_status: RwSignal<PhotosStatus>,
    pub storage: RwSignal<StorageStatus>,
    pub online: RwSignal<bool>,
    /// Whether this tab's worker is the one that writes.
    pub is_writer: RwSignal<bool>,
    pub update_waiting: RwSignal<bool>,
    /// Grows with each word from the office that something is new.
    pub news: RwSignal<u64>,
    /// Documents that could not be merged on this phone; their bytes are kept.
    pub set_aside: RwSignal<u32>,
}

pub fn use_client() -> Client {
    expect_context()
}

#[allow(clippy::unused_async, unused_variables)]
impl Client {
    /// Starts everything behind the pages; call once, under the root owner, and provide the result as context.
    pub fn start() -> Self {
        Self {
            phase: RwSignal::new(Phase::Starting),
            rows: RwSignal::default(),
            status: RwSignal::default(),
            office: RwSignal::new(None),
            photos_status: RwSignal::default(),
            storage: RwSignal::default(),
            online: RwSignal::new(true),
            is_writer: RwSignal::new(false),
            update_waiting: RwSignal::new(false),
            news: RwSignal::new(0),
            set_aside: RwSignal::new(0),
        }
    }

    /// This device's clock, corrected by the office's.
    pub fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    /// The id of a step or remark: eight characters.
    pub fn random_id(&self) -> String {
        String::new()
    }

    pub fn new_issue_id(&self) -> IssueId {
        IssueId([0; 16])
    }

    pub async fn enrol(&self, code: &str, label: &str) -> Result<Enrolled, CallError> {
        Err(CallError::Offline)
    }

    /// Resolves when the edit is durable on this phone, not before.
    pub async fn save(&self, issue: IssueId, edit: Edit) -> Result<(), NotSaved> {
        Err(NotSaved::StorageFailed)
    }

    /// `None` where this phone does not hold the issue; see [`Self::want`].
    pub async fn read(&self, issue: IssueId) -> Option<IssueView> {
        None
    }

    /// Fetches an issue whole from the office; `rows` tells when it is here.
    pub fn want(&self, issue: IssueId) {}

    pub fn sync_now(&self) {}

    /// Forgets a refused change, once the person has dealt with it.
    pub fn dismiss(&self, hash: ChangeHash) {}

    pub fn activate_update(&self) {}

    pub async fn take_photo(&self, file: web_sys::File) -> Result<TakenPhoto, PhotoError> {
        Err(PhotoError::StorageFailed)
    }

    /// An address for `<img>`: from this phone, else fetched and kept.
    pub async fn photo_url(&self, id: PhotoId) -> Option<String> {
        None
    }

    pub async fn draft<T: DeserializeOwned>(&self) -> Option<T> {
        self.kept("report").await
    }

    pub async fn save_draft<T: Serialize>(&self, draft: &T) {
        self.keep("report", draft).await;
    }

    pub async fn drop_draft(&self) {}

    /// Keeps something small under a name, like the last picture of the board.
    pub async fn keep<T: Serialize>(&self, name: &str, value: &T) {}

    pub async fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        None
    }

    pub async fn position(&self) -> Result<Fix, PlaceError> {
        Err(PlaceError::Unavailable)
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        Err(CallError::Offline)
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, CallError> {
        Err(CallError::Offline)
    }

    /// Wipes this device's store. `Err` with the number of unsent changes and photos, unless they are given up too.
    pub async fn logout(&self, also_unsent: bool) -> Result<(), u32> {
        Ok(())
    }

    pub fn issue_mark(&self, id: IssueId) -> Mark {
        self.status.with(|status| match () {
            () if status.refused.iter().any(|refused| refused.issue == id) => Mark::Refused,
            () if status.on_the_way.contains(&id) => Mark::OnTheWay,
            () if status.unsent_issues.contains(&id) => Mark::SavedHere,
            () => Mark::OfficeHasIt,
        })
    }
}
