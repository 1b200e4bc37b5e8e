//! What page and worker say to each other, as JSON over one BroadcastChannel per device and store, so that every tab hears all of it.
//! Must not know who sends or how.

use serde::{Deserialize, Serialize};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PhotoId};
use xiaohao_shared::sync::engine::{NotSaved, Status};

use crate::client::{Imported, IssueView, NewIssue, PhotosStatus};
use crate::store::carried::Carried;
use crate::store::seats::Seat;
use crate::store::vault::StoreKey;

/// After a restore an office may give one number to two people of one phone.
pub fn channel_name(seat: Seat, device: DeviceId) -> String {
    format!("{}-{device}", seat.database())
}

/// Names a command among those of all tabs, so that its answer finds back and a repeated one is recognised.
pub type Name = String;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Message {
    ToWriter(ToWriter),
    FromWriter(FromWriter),
    /// Whoever finds a closed vault asks the pages that opened it.
    NeedsKey,
    /// `vault` says which.
    Key {
        vault: String,
        key: StoreKey,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ToWriter {
    /// A page has begun to listen and knows nothing.
    Hello,
    /// `again`: the writer that was told first may have done it before it died.
    Save {
        name: Name,
        issue: IssueId,
        edit: Box<Edit>,
        again: bool,
    },
    /// All of these or none.
    Import {
        name: Name,
        rows: Vec<NewIssue>,
    },
    /// What is being imported under this name shall not be.
    StopImport {
        name: Name,
    },
    Read {
        name: Name,
        issue: IssueId,
    },
    Want {
        issue: IssueId,
    },
    Dismiss {
        hash: ChangeHash,
    },
    PhotoAgain {
        photo: PhotoId,
    },
    GiveUpPhoto {
        photo: PhotoId,
    },
    /// Work of others was put into the store, to be brought to the office.
    Carry,
    /// A parcel that is carried is of no interest any more.
    ForgetCarried {
        parcel: String,
    },
    /// The errands in the store are other ones.
    Errands,
    Nudge,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum FromWriter {
    /// A worker has become the writer: what it was not told it does not know.
    Here,
    Saved {
        name: Name,
    },
    NotSaved {
        name: Name,
        reason: NotSaved,
    },
    View {
        name: Name,
        view: Option<Box<IssueView>>,
    },
    /// Rows of an import that are written, and not yet durable.
    Importing {
        name: Name,
        at: u32,
        of: u32,
    },
    Imported {
        name: Name,
        end: Imported,
    },
    Changed {
        issues: Vec<IssueId>,
    },
    Status(Box<Status>),
    Photos(PhotosStatus),
    /// The work of others that is carried.
    Carried(Vec<Carried>),
    /// The errands in the store stand otherwise than before.
    Errands,
    /// Documents that are set aside.
    SetAside(u32),
    /// The stored directory is another one.
    Office,
    /// Milliseconds by which the office's clock is ahead of this device's.
    Skew(i64),
    /// Whether the storage is nearly full.
    Tight(bool),
    /// The office has something new.
    News,
    /// This device signs with another key.
    Key,
    /// The vault stands otherwise than before.
    Vault,
    /// This device was logged out in another tab, or its store is under another key.
    LoggedOut,
}

/// What a worker tells the page that started it, beside the channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ToOwner {
    /// Alive.
    Beat,
    /// It writes from now on.
    Writing,
    /// It cannot go on; the words say why.
    Died(String),
}

pub fn pack<T: Serialize>(message: &T) -> wasm_bindgen::JsValue {
    // Our own types have no maps with strange keys and no failing parts.
    serde_json::to_string(message).unwrap_or_default().into()
}

/// Another version of the app may speak otherwise: what is not understood is not heard.
pub fn unpack<T: for<'de> Deserialize<'de>>(data: &wasm_bindgen::JsValue) -> Option<T> {
    serde_json::from_str(&data.as_string()?).ok()
}
