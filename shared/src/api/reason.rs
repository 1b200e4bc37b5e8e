//! Why the office did not do what a person asked, one by one, so that the app can say each in the person's own language. What only a
//! program could get wrong has no reason here.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    #[error("a report is of one to twelve months in their order")]
    ReportMonths,
    #[error("red must lie beyond yellow")]
    Thresholds,
    #[error("from one day to ten years")]
    RecurrenceDays,
    #[error("a reason has at most 500 letters")]
    ReasonTooLong,
    #[error("no office can work by this rule")]
    Rule,
    #[error("nobody can work by this calendar")]
    Calendar,
    #[error("a zone has at most 40 parts")]
    TooManyParts,
    #[error("a code has at most 12 digits")]
    ZoneCode,
    #[error("it is empty, or longer than it may be")]
    Length,
    #[error("there is no such zone")]
    NoSuchZone,
    #[error("no office may keep it for so short a time")]
    KeptTooShort,
    #[error("no name and number of a person")]
    Tipster,
    #[error("too many days at once")]
    PatrolDays,
    #[error("a notice ends within 90 days from now")]
    NoticeEnd,
    #[error("a notice has 1 to 500 letters")]
    NoticeLength,
    #[error("a photo with this hash has another size")]
    PhotoSize,
    #[error("the body broke off")]
    BrokeOff,
    #[error("this office is not empty")]
    OfficeNotEmpty,
    #[error("the issue has moved on; this change does not fit it any more")]
    MovedOn,
    #[error("the issue says already what this change would write")]
    NothingLeft,
    #[error("the record of this issue does not take this change")]
    RecordFull,
    #[error("the record of this issue is damaged")]
    RecordDamaged,
    #[error("this change is only kept as evidence")]
    OnlyEvidence,
    #[error("this person is not active")]
    PersonInactive,
    #[error("nobody needs more than ten devices")]
    TooManyDevices,
    #[error("this upload is being continued by another request")]
    UploadBusy,
    #[error("the upload stands at another offset")]
    UploadElsewhere,
    #[error("another zone has this name")]
    ZoneName,
    #[error("somebody who does not work in the zone bears no part in it")]
    BearerElsewhere,
    #[error("nobody changes his own rights")]
    OwnRights,
    #[error("only an administrator has such duties")]
    DutyOfAdministrators,
    #[error("the office would have no administrator")]
    LastAdministrator,
    #[error("no administrator with these duties would have a device; enrol another one first")]
    LastDevice,
    #[error("several people have this name; use the number")]
    Namesakes,
    #[error("somebody else's patrol has this name")]
    RoundOfAnother,
    #[error("so many notices stand that nobody would read another")]
    TooManyNotices,
    #[error("somebody else freezes a month at this moment")]
    BeingFrozen,
    #[error("this month has not ended")]
    MonthRuns,
    #[error("months are frozen one after the other")]
    MonthBefore,
    #[error("passkeys need an office that is reached by name and over TLS")]
    NoName,
    #[error("this passkey is known already")]
    PasskeyKnown,
    #[error("nobody needs more than five passkeys")]
    TooManyPasskeys,
    #[error("there is no passkey to show")]
    NoPasskey,
    #[error("this office has no sign-on")]
    NoSignOn,
    #[error("somebody else signs on by this name")]
    SignOnName,
    #[error("somebody else has just given this code a name; look at it and save again")]
    KindMoved,
    #[error("another kind has this name")]
    KindName,
    #[error("no view, or more of them than anybody needs")]
    Views,
    #[error("this device is somebody else's")]
    DeviceOfAnother,
    /// What a newer office says and this version does not know.
    #[serde(other)]
    #[error("for a reason that this version does not know")]
    Other,
}
