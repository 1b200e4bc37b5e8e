//! What the pages know of the world: signals to show and calls to make. Must not know how anything is drawn.
//! Everything behind it lives in the worker, which may die and come back without the page noticing more than a delay.

pub mod begun;
mod behind;
pub mod bulletins;
mod device;
pub mod download;
mod enrolling;
pub mod handover;
mod keeper;
mod lock;
mod newcomers;
pub mod patrols;
mod seats;
mod sending;
mod sure;
mod vault;

use base64ct::{Base64UrlUnpadded, Encoding};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use web_sys::AbortController;
use xiaohao_shared::api::passkeys::{Assertion, Challenge};
use xiaohao_shared::api::sign_on::{SignOn, SignedOn};
use xiaohao_shared::api::{Device, Enrolled, Office, Problem};
use xiaohao_shared::doc::{Conflict, Edit};
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::lock::LockRule;
use xiaohao_shared::model::policy::Denied;
use xiaohao_shared::model::rules::Rules;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::{Fix, Issue, Zone};
use xiaohao_shared::sync::engine::{Failure, NotSaved, Status};
use xiaohao_shared::time::Timestamp;

use self::begun::Begun;
use self::behind::Behind;
use self::patrols::Running;
use crate::browser::{device_time, random};
use crate::messages::{FromWriter, ToWriter};
use crate::net::{Call, json};
use crate::photo;
use crate::place;
use crate::store::StoreError;
use crate::store::carried::Carried;
use crate::store::errands::Errand;
use crate::store::photos::{PhotoRefusal, StoredPhoto};
use crate::store::seats::Seats;
use crate::store::vault::Vault;

/// Where the app stands in its life on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    Starting,
    NotEnrolled,
    Ready,
    /// What lies here is under a key that only the person's passkey gives out.
    Sealed,
    /// The vault was thrown away, and whoever did it has not proven that he is this device's person.
    Unproven,
    /// The office does not let anybody work with this device: what it holds is hidden.
    Stopped(Failure),
    Broken(Broken),
}

/// Why the app cannot go on. The words are for the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// The browser does not give what the app cannot do without.
    Browser(String),
    /// A newer version has been here, or still is in another tab.
    OlderThanStore,
    NoRoom,
    /// The store or the worker failed, again and again.
    Failing(String),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Newer => Self::OlderThanStore,
            StoreError::NoRoom => Self::NoRoom,
            StoreError::Sealed => Self::Failing("sealed".into()),
            StoreError::Failed(words) => Self::Failing(words),
        }
    }
}

/// Photos that the office does not have yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotosStatus {
    pub waiting: u32,
    pub waiting_bytes: u64,
    /// The issues that they belong to.
    pub issues: BTreeSet<IssueId>,
    /// What the office did not take stays on this phone until the person has dealt with it.
    pub refused: BTreeMap<PhotoId, PhotoRefusal>,
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
    /// The words are there, the photos not yet.
    PhotosHere,
    OfficeHasIt,
    /// A supervisor may still adopt it.
    Held,
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

/// Why there is no picture to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It may still come: by its phone, or with a network.
    NotYet,
    /// The office let it go, by its rule for keeping.
    Removed,
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

/// What opens the office to a new device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opener {
    Code(String),
    Passkey(Assertion),
    SignOn(SignedOn),
}

/// A row of an old list: the edits that it becomes, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewIssue {
    pub row: u32,
    pub issue: IssueId,
    pub edits: Vec<Edit>,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Imported {
    /// So many are durable and new here. The issues of the rows that were left out are on this phone already.
    Done {
        new: u32,
        left: Vec<u32>,
    },
    Stopped,
    /// These rows cannot be written, so none was.
    Unfit(Vec<(u32, Unfit)>),
    /// The storage took nothing.
    NotSaved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unfit {
    Denied(Denied),
    Unreadable,
}

/// Why nothing was wiped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// So many changes, photos, rounds and drafts are only here.
    Unsent(u32),
    /// The store does not say what it holds.
    Unknown,
}

/// Why a call to the office has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    Offline,
    Problem(Problem),
    /// A captive portal or a proxy answered.
    NotTheOffice,
}

/// A handle that is copied wherever something is drawn.
#[derive(Clone, Copy)]
pub struct Client {
    pub phase: RwSignal<Phase>,
    /// Every issue on this phone, by id.
    pub rows: RwSignal<Arc<Vec<Summary>>>,
    pub status: RwSignal<Status>,
    /// The directory, also offline.
    pub office: RwSignal<Option<Arc<Office>>>,
    pub photos_status: RwSignal<PhotosStatus>,
    /// Work of others that this device brings to the office.
    pub carried: RwSignal<Vec<Carried>>,
    /// What was done beside the issues and the office has not heard.
    pub errands: RwSignal<Vec<Errand>>,
    /// The round that runs, once the store has said whether there is one.
    pub patrol: RwSignal<Option<Option<Running>>>,
    /// By issue and form.
    begun: RwSignal<BTreeMap<(IssueId, String), Begun>>,
    /// Rows that are written of an import that runs, of how many.
    pub importing: RwSignal<Option<(u32, u32)>>,
    pub storage: RwSignal<StorageStatus>,
    /// It is nearly full.
    pub tight: RwSignal<bool>,
    pub online: RwSignal<bool>,
    /// Whether this tab's worker is the one that writes.
    pub is_writer: RwSignal<bool>,
    pub update_waiting: RwSignal<bool>,
    /// Grows with each word from the office that something is new.
    pub news: RwSignal<u64>,
    /// The office asks for the person's passkey, and calls wait for it.
    pub confirming: RwSignal<bool>,
    /// Documents that could not be merged on this phone; their bytes are kept.
    pub set_aside: RwSignal<u32>,
    /// Nobody has touched the phone for as long as the office says: it shows nothing.
    pub locked: RwSignal<bool>,
    /// Whoever holds this phone has not proven that he is its person since its vault was thrown away: no word of what is here is shown.
    pub doubted: RwSignal<bool>,
    /// Where what lies here is under a key.
    pub vault: RwSignal<Option<Vault>>,
    /// The passkeys that can be asked for at this device.
    pub passkeys_here: RwSignal<Vec<String>>,
    /// Other devices of this person that were enrolled since he last looked.
    pub newcomers: RwSignal<Vec<Device>>,
    /// Who else has a store on this phone.
    pub seats: RwSignal<Seats>,
    behind: StoredValue<Rc<Behind>, LocalStorage>,
}

/// Bytes that are freed where a new photo found no room.
const ROOM_FOR_PHOTOS: u64 = 5_000_000;
/// The name under which the report that is being written is kept.
const DRAFT: &str = "report";
/// The name under which saved views are kept.
pub const VIEWS: &str = "my-views";

impl Client {
    /// Starts everything behind the pages; call once, under the root owner, and provide the result as context.
    pub fn start() -> Self {
        let client = Self {
            phase: RwSignal::new(Phase::Starting),
            rows: RwSignal::default(),
            status: RwSignal::default(),
            office: RwSignal::new(None),
            photos_status: RwSignal::default(),
            carried: RwSignal::default(),
            errands: RwSignal::default(),
            patrol: RwSignal::default(),
            begun: RwSignal::default(),
            importing: RwSignal::new(None),
            storage: RwSignal::default(),
            tight: RwSignal::new(false),
            online: RwSignal::new(true),
            is_writer: RwSignal::new(false),
            update_waiting: RwSignal::new(false),
            news: RwSignal::new(0),
            confirming: RwSignal::new(false),
            set_aside: RwSignal::new(0),
            locked: RwSignal::new(false),
            doubted: RwSignal::new(false),
            vault: RwSignal::new(None),
            passkeys_here: RwSignal::default(),
            newcomers: RwSignal::default(),
            seats: RwSignal::default(),
            behind: StoredValue::new_local(Rc::new(Behind::new())),
        };
        client.watch_device();
        wasm_bindgen_futures::spawn_local(client.wake());
        client
    }

    fn behind(&self) -> Rc<Behind> {
        self.behind.get_value()
    }

    /// This device's clock, corrected by the office's.
    pub fn now(&self) -> Timestamp {
        self.behind().now()
    }

    /// The id of a step or remark: eight characters.
    pub fn random_id(&self) -> String {
        Base64UrlUnpadded::encode_string(&random::<6>())
    }

    pub fn new_issue_id(&self) -> IssueId {
        IssueId::new(device_time().0.unsigned_abs(), random())
    }

    pub async fn begin_enrolling(&self) -> Result<Challenge, CallError> {
        self.do_begin_enrolling().await
    }

    pub async fn begin_sign_on(&self) -> Result<SignOn, CallError> {
        self.do_begin_sign_on().await
    }

    pub async fn enrol(&self, opener: Opener, label: &str) -> Result<Enrolled, CallError> {
        self.do_enrol(opener, label).await
    }

    /// Resolves when the edit is durable on this phone, not before.
    pub async fn save(&self, issue: IssueId, edit: Edit) -> Result<(), NotSaved> {
        let edit = Box::new(edit);
        let answer = self.behind().ask(|name| ToWriter::Save { name, issue, edit, again: false }).await;
        match answer {
            Some(FromWriter::Saved { .. }) => Ok(()),
            Some(FromWriter::NotSaved { reason, .. }) => Err(reason),
            _ => Err(NotSaved::StorageFailed),
        }
    }

    /// Makes new issues durable on this phone, all of them together or none. How far it is stands in `importing`.
    pub async fn import(&self, rows: Vec<NewIssue>) -> Imported {
        let answer = self.behind().ask(|name| ToWriter::Import { name, rows }).await;
        self.importing.try_set(None);
        match answer {
            Some(FromWriter::Imported { end, .. }) => end,
            _ => Imported::NotSaved,
        }
    }

    /// Nothing stays of an import that has not come to its end.
    pub fn stop_import(&self) {
        self.behind().stop_import();
    }

    /// `None` where this phone does not hold the issue; see [`Self::want`].
    pub async fn read(&self, issue: IssueId) -> Option<IssueView> {
        match self.behind().ask(|name| ToWriter::Read { name, issue }).await? {
            FromWriter::View { view, .. } => view.map(|view| *view),
            _ => None,
        }
    }

    /// Fetches an issue whole from the office; `rows` tells when it is here.
    pub fn want(&self, issue: IssueId) {
        self.behind().say(ToWriter::Want { issue });
    }

    pub fn sync_now(&self) {
        self.behind().say(ToWriter::Nudge);
    }

    pub fn send_photo_again(&self, photo: PhotoId) {
        self.behind().say(ToWriter::PhotoAgain { photo });
    }

    pub fn give_up_photo(&self, photo: PhotoId) {
        self.behind().say(ToWriter::GiveUpPhoto { photo });
    }

    /// Forgets the work of somebody else that came in a file.
    pub fn forget_carried(&self, parcel: String) {
        self.behind().say(ToWriter::ForgetCarried { parcel });
    }

    /// Forgets a refused change, once the person has dealt with it.
    pub fn dismiss(&self, hash: ChangeHash) {
        self.behind().say(ToWriter::Dismiss { hash });
    }

    /// Makes a photo durable together with its thumbnail. It travels once an edit that names it is saved.
    pub async fn keep_photo(&self, canvas: &web_sys::HtmlCanvasElement) -> Result<TakenPhoto, PhotoError> {
        let (full, thumb) = photo::develop(canvas).await.map_err(|_| PhotoError::NotAPicture)?;
        let store = self.behind().store().ok_or(PhotoError::StorageFailed)?;
        let size = full.bytes.len() as u64;
        let taken = TakenPhoto { id: full.id, w: full.w, h: full.h, size, mime: full.mime.into(), thumb: thumb.id };
        let both =
            [full, thumb].map(|picture| (picture.id, StoredPhoto { bytes: picture.bytes, mime: picture.mime.into() }));
        if store.put_photos(&both).await.is_err() {
            // Old photos make room for a new one.
            let _ = store.trim_photos(ROOM_FOR_PHOTOS).await;
            store.put_photos(&both).await.map_err(|_| PhotoError::StorageFailed)?;
        }
        Ok(taken)
    }

    /// An address for `<img>`: from this phone, else fetched and kept.
    pub async fn photo_url(&self, id: PhotoId) -> Result<String, Absent> {
        self.find_photo(id).await
    }

    pub async fn draft<T: DeserializeOwned>(&self) -> Option<T> {
        self.kept(DRAFT).await
    }

    pub async fn save_draft<T: Serialize>(&self, draft: &T) -> bool {
        self.keep(DRAFT, draft).await
    }

    pub async fn drop_draft(&self) {
        self.forget(DRAFT).await;
    }

    /// Keeps something under a name, like the last picture of the board. `false` where the phone did not take it.
    pub async fn keep<T: Serialize>(&self, name: &str, value: &T) -> bool {
        match self.behind().store() {
            Some(store) => store.set_draft(name, value).await.is_ok(),
            None => false,
        }
    }

    pub async fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.behind().store()?.draft(name).await.ok().flatten()
    }

    /// Changes what is kept under a name, whoever else changes it at this moment; `None` where the phone did not take it.
    pub async fn change_kept<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        change: impl FnOnce(Option<T>) -> T,
    ) -> Option<T> {
        self.behind().store()?.change_draft(name, change).await.ok()
    }

    /// Forgets what was kept under a name.
    pub async fn forget(&self, name: &str) {
        if let Some(store) = self.behind().store() {
            let _ = store.drop_draft(name).await;
        }
    }

    fn errands_changed(&self) {
        self.behind().say(ToWriter::Errands);
    }

    pub async fn position(&self) -> Result<Fix, PlaceError> {
        place::position(self.now()).await
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        Ok(json(&self.sure(Call { method: "GET", path, headers: &[], body: &[] }, None).await?)?)
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, CallError> {
        let body = serde_json::to_string(body).unwrap_or_default();
        let headers = [("content-type", "application/json".to_owned())];
        let call = Call { method: "POST", path, headers: &headers, body: body.as_bytes() };
        Ok(json(&self.sure(call, None).await?)?)
    }

    /// For long work at the office, which somebody may stop.
    pub async fn post_until<T: DeserializeOwned>(
        &self,
        path: &str,
        bytes: &[u8],
        controller: &AbortController,
    ) -> Result<T, CallError> {
        let headers = [("content-type", "application/octet-stream".to_owned())];
        let call = Call { method: "POST", path, headers: &headers, body: bytes };
        Ok(json(&self.sure(call, Some(controller)).await?)?)
    }

    /// A file of the office, or so many bytes of it from one on.
    pub async fn bytes(&self, path: &str, part: Option<(u64, u64)>) -> Result<Vec<u8>, CallError> {
        let net = self.behind().net().ok_or(CallError::Offline)?;
        let range = part.map(|(from, length)| ("range", format!("bytes={from}-{}", from + length.max(1) - 1)));
        let headers: Vec<_> = range.into_iter().collect();
        Ok(net.call(Call { method: "GET", path, headers: &headers, body: &[] }).await?.body)
    }

    /// What the administrator has just changed is seen here before the worker brings the new directory.
    pub async fn zones_are(&self, zones: Vec<Zone>) {
        self.change_office(|office| office.zones = zones).await;
    }

    pub async fn calendar_is(&self, calendar: Calendar) {
        self.change_office(|office| office.calendar = calendar).await;
    }

    pub async fn lock_is(&self, rule: LockRule) {
        self.change_office(|office| office.lock = rule).await;
    }

    pub async fn rules_are(&self, rules: Rules) {
        self.change_office(|office| office.rules = rules).await;
    }

    pub async fn recurrence_is(&self, days: u16) {
        self.change_office(|office| office.recurrence_days = days).await;
    }

    /// Wipes this device's store, unless something would be lost that was not given up too.
    pub async fn logout(&self, also_unsent: bool) -> Result<(), Stays> {
        self.do_logout(also_unsent).await
    }

    pub fn issue_mark(&self, id: IssueId) -> Mark {
        let photos_here = self.photos_status.with(|photos| photos.issues.contains(&id));
        self.status.with(|status| match () {
            () if status.refused.iter().any(|refused| refused.issue == id && !refused.held) => Mark::Refused,
            () if status.on_the_way.contains(&id) => Mark::OnTheWay,
            () if status.unsent_issues.contains(&id) => Mark::SavedHere,
            () if status.refused.iter().any(|refused| refused.issue == id) => Mark::Held,
            () if photos_here => Mark::PhotosHere,
            () => Mark::OfficeHasIt,
        })
    }

    /// Changes, photos and rounds that only this phone has, and whether something waits for the person.
    pub fn unsent(&self) -> (u32, bool) {
        let (photos, photo_refused) = self.photos_status.with(|photos| (photos.waiting, !photos.refused.is_empty()));
        let (patrols, refused) = self.unsent_patrols();
        let refused = refused || photo_refused;
        self.status.with(|status| (status.unsent + photos + patrols, refused || !status.refused.is_empty()))
    }
}
