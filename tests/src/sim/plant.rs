//! Known bugs, planted in the simulation's own drivers and never in the product: whoever looks for bugs must find these.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// The office answers, and what it promised is rolled back.
    AcknowledgeBeforeCommit,
    /// The last verdict of every answer gets lost on the phone.
    DropVerdicts,
    /// The position is stored, and the data that it stands for a moment later.
    AdvanceBeforeStore,
    /// A process begins with the same random numbers as the one before.
    ReuseActor,
    /// Unsent changes live in memory only.
    ForgetOutbox,
    /// Half of a page is stored, with the position of the whole.
    HalfPage,
    /// The app says "saved" before the storage does.
    SaidTooEarly,
    /// A change that was refused is thrown away.
    DropRefused,
    /// A save that is asked again of the next tab is done twice.
    SaveTwice,
    /// Of a write that breaks off, the documents stay and the rest does not.
    TornWrite,
    /// What left the phone's zones is never let go.
    LetGoForgotten,
    /// With a document that killed the worker, the unsent work in it is set aside.
    TrapDropsOutbox,
    /// The office says that it has what a revoked device brings, and has not.
    RevokedWorkDropped,
    /// Nobody counts the requests of a process.
    CloneUnnoticed,
    /// A photo is offered once, whether the office knew its issue or not.
    PhotoOnce,
    /// A full phone lets go of photos that only it has.
    EvictUnsent,
    /// The office believes whoever says that it had admitted something before it was restored.
    ReceiptsUnchecked,
    /// With the bytes of a document that a full phone sheds, its row goes.
    ShedRow,
}

impl Plant {
    pub const ALL: [Self; 18] = [
        Self::AcknowledgeBeforeCommit,
        Self::DropVerdicts,
        Self::AdvanceBeforeStore,
        Self::ReuseActor,
        Self::ForgetOutbox,
        Self::HalfPage,
        Self::SaidTooEarly,
        Self::DropRefused,
        Self::SaveTwice,
        Self::TornWrite,
        Self::LetGoForgotten,
        Self::TrapDropsOutbox,
        Self::RevokedWorkDropped,
        Self::CloneUnnoticed,
        Self::PhotoOnce,
        Self::EvictUnsent,
        Self::ReceiptsUnchecked,
        Self::ShedRow,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::AcknowledgeBeforeCommit => "acknowledge-before-commit",
            Self::DropVerdicts => "drop-verdicts",
            Self::AdvanceBeforeStore => "advance-before-store",
            Self::ReuseActor => "reuse-actor",
            Self::ForgetOutbox => "forget-outbox",
            Self::HalfPage => "half-page",
            Self::SaidTooEarly => "said-too-early",
            Self::DropRefused => "drop-refused",
            Self::SaveTwice => "save-twice",
            Self::TornWrite => "torn-write",
            Self::LetGoForgotten => "let-go-forgotten",
            Self::TrapDropsOutbox => "trap-drops-outbox",
            Self::RevokedWorkDropped => "revoked-work-dropped",
            Self::CloneUnnoticed => "clone-unnoticed",
            Self::PhotoOnce => "photo-once",
            Self::EvictUnsent => "evict-unsent",
            Self::ReceiptsUnchecked => "receipts-unchecked",
            Self::ShedRow => "shed-row",
        }
    }
}

impl fmt::Display for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Plant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|plant| plant.name() == name).ok_or(format!("no such plant; known are {known}"))
    }
}
