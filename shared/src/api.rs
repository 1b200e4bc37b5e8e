//! What travels as JSON between app and server beside the sync pages: requests, answers and problems, each with those that change for the
//! same reason. The sync pages themselves are CBOR and live in [`crate::sync::wire`].

pub mod passkeys;
pub mod reason;
pub mod sign_on;
pub mod views;

mod audit;
mod board;
mod bulletins;
mod catalogue;
mod devices;
mod enrolment;
mod export;
mod halfyear;
mod held;
mod indicators;
mod map;
mod office;
mod patrols;
mod people;
mod photos;
mod privacy;
mod problem;
mod settlements;
mod supervision;
mod weekly;
mod zones;

pub use self::audit::{AUDIT_HEAD, AuditLine, AuditPage};
pub use self::board::{Board, Column, Group, IssuePage, Sheet, Sheets, Tally};
pub use self::bulletins::{Bulletin, BulletinReads, MAX_BULLETIN, SaveBulletin};
pub use self::catalogue::{Journaled, RuleChange, Was};
pub use self::devices::{Concern, Device, OwnedDevice, Way};
pub use self::enrolment::{BeginEnrol, ChangeKey, Enrol, Enrolled, Kept, Thrown};
pub use self::export::{BookFormat, MAX_BOOK_ROWS, MAX_PICTURED_ROWS, ROWS_HEADER, Writing};
pub use self::halfyear::{BeforeAfter, Flow, HalfYear};
pub use self::held::{DecideHeld, Held, HeldDecision, MAX_REASON};
pub use self::indicators::{Indicators, MOST_RECURRENCE_DAYS, Recurrence, Trend, Trends, ZoneFigures};
pub use self::map::{BaseMap, Dot, MAX_DOTS, MapPicture};
pub use self::office::{Office, RESTORE_LEAP, Remembered};
pub use self::patrols::{MOST_PATROL_DAYS, MOST_ROUNDS, PatrolTaken, Patrols, Round, ZonePatrols};
pub use self::people::{Invite, PersonDetail, SavePerson};
pub use self::photos::{
    MAX_OFFERED, MAX_PHOTO_BYTES, MAX_PHOTO_EDGE, MAX_PHOTO_PIXELS, UploadMetadata, Wanted, WantedPhoto,
};
pub use self::privacy::{About, Privacy, TipsterNoted, TipsterWish};
pub use self::problem::{Problem, ProblemKind};
pub use self::settlements::{Freeze, Freezing, Settlement, SettlementHead, SettlementLine, Settlements};
pub use self::supervision::{Doubled, NextNumbers, TakenNumber};
pub use self::weekly::{Notice, Press, Previous, Reply, WEEKLY_HEADS, Weekly, WeeklyEntry, WeeklyHead, WeeklyUnit};
pub use self::zones::{MAX_PART, MAX_PARTS, Outlines, SaveZone};
