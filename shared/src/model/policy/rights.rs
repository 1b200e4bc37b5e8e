//! Which request is open to whom: one line for each thing that can be asked of the hub. What may be done to an issue stands in
//! [`RULES`](crate::model::workflow::RULES); which zones a role sees, which bounds both, in [`sight`](super::sight).

use crate::model::{Duty, Person, Role};

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Nobody has to sign.
    Anyone,
    /// A key that the office does not know yet, with a code, a passkey or a sign-on.
    Newcomer,
    /// Every device in service.
    Device,
    /// Also a device out of service: what it still brings waits for the desk, and nothing comes down to it.
    EvenStopped,
    /// People of these roles.
    Roles(&'static [Role]),
    /// Administrators who have this duty.
    Officer(Duty),
}

/// How far the answer reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing that belongs to a zone.
    Nothing,
    /// What the asking device or person brought.
    Own,
    /// Issues of the zones that the role sees, and those that the person has a part in.
    Sight,
    /// The whole office, whatever the person's zones are.
    Office,
}

/// What stays of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// Nothing, unless it is refused.
    Quiet,
    /// A line in the audit.
    Noted,
    /// A line before and one after, and the same signature counts once only.
    Once,
}

/// How sure the office is that it is the person, and not just his device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// His device is enough.
    Plain,
    /// He showed a passkey in these minutes, if he has one.
    Fresh,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub asker: Asker,
    pub reach: Reach,
    pub trace: Trace,
    pub sure: Sure,
}

/// The enum, its list and its table are one text, so none of them can lack a line of the others.
macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident $code:literal: $asker:expr, $reach:ident, $trace:ident, $sure:ident;)*) => {
        /// What a request asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right { $($(#[$doc])* $name,)* }

        impl Right {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As the audit spells it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub fn grant(self) -> Grant {
                match self {
                    $(Self::$name => Grant {
                        asker: $asker,
                        reach: Reach::$reach,
                        trace: Trace::$trace,
                        sure: Sure::$sure,
                    },)*
                }
            }
        }
    };
}

const FIELD: Asker = Asker::Roles(&[Role::Cadre, Role::Inspector, Role::Supervisor]);
const STEERING: Asker = Asker::Roles(&[Role::Inspector, Role::Supervisor]);
const DESK: Asker = Asker::Roles(&[Role::Supervisor]);
const ADMINISTRATORS: Asker = Asker::Roles(&[Role::Administrator]);
const RULED: Asker = Asker::Roles(&[Role::Inspector, Role::Supervisor, Role::Administrator]);
const KEEPERS: Asker = Asker::Roles(&[Role::Supervisor, Role::Administrator]);

rights! {
    /// Is the server alive, can it work.
    Watch "watch": Asker::Anyone, Nothing, Quiet, Plain;
    /// Which upload protocol is spoken here.
    AskProtocol "ask_protocol": Asker::Anyone, Nothing, Quiet, Plain;
    /// What a passkey is to sign that opens the office to a new key, or where its owner signs on.
    BeginEnrol "begin_enrol": Asker::Newcomer, Nothing, Quiet, Plain;
    Enrol "enrol": Asker::Newcomer, Own, Noted, Plain;
    /// One's own passkeys: whoever has a device may look after them.
    SeePasskeys "see_passkeys": Asker::Device, Own, Quiet, Plain;
    BeginPasskey "begin_passkey": Asker::Device, Own, Quiet, Plain;
    AddPasskey "add_passkey": Asker::Device, Own, Noted, Plain;
    DropPasskey "drop_passkey": Asker::Device, Own, Noted, Fresh;
    BeginConfirm "begin_confirm": Asker::Device, Own, Quiet, Plain;
    /// Proves that the person himself is there.
    Confirm "confirm": Asker::Device, Own, Noted, Plain;
    /// Says that the vault of this device was thrown away: it gets nothing until its person has proven himself at it.
    Doubt "doubt": Asker::EvenStopped, Own, Noted, Plain;
    /// Replaces the key of this device by a newer one.
    ChangeKey "change_key": Asker::Device, Own, Noted, Plain;
    ReadDirectory "read_directory": Asker::Device, Office, Quiet, Plain;
    HearNews "hear_news": Asker::Device, Nothing, Quiet, Plain;
    Sync "sync": Asker::EvenStopped, Sight, Quiet, Plain;
    BringPhoto "bring_photo": Asker::EvenStopped, Own, Quiet, Plain;
    /// Brings what somebody else has written: judged in his name. A device out of service brings its own alone.
    HandOver "hand_over": Asker::EvenStopped, Own, Quiet, Plain;
    SeePhoto "see_photo": Asker::Device, Sight, Quiet, Plain;
    AskForPhotos "ask_for_photos": Asker::Device, Sight, Quiet, Plain;
    ConfirmBulletin "confirm_bulletin": Asker::Device, Own, Quiet, Plain;
    /// The merged picture, its lists, counts and map.
    SeeBoard "see_board": FIELD, Sight, Quiet, Plain;
    /// One's own saved views.
    SeeViews "see_views": FIELD, Own, Quiet, Plain;
    KeepViews "keep_views": FIELD, Own, Quiet, Plain;
    /// Whole lists leave the office only by the hands of its desk.
    Export "export": STEERING, Office, Noted, Fresh;
    /// An old list becomes issues by the hands of whoever files and dispatches.
    Import "import": DESK, Office, Noted, Plain;
    /// Weekly lists and the books of the months are read by those who press and steer…
    ReadBooks "read_books": STEERING, Office, Quiet, Plain;
    /// … taken away as a document …
    ExportBooks "export_books": STEERING, Office, Noted, Fresh;
    /// … and made, frozen and signed by the desk alone.
    KeepBooks "keep_books": DESK, Office, Once, Plain;
    /// A round through a zone: its walker's own, and of a zone that he sees or saw.
    Patrol "patrol": Asker::EvenStopped, Own, Quiet, Plain;
    /// Who changed a limit, and when, is asked by whoever works with limits or sets them.
    SeeRules "see_rules": RULED, Office, Quiet, Plain;
    /// Who is not syncing is asked by the desk, and by whoever keeps the devices.
    SeeDevices "see_devices": KEEPERS, Office, Quiet, Plain;
    /// Changes held for review…
    ReadHeld "read_held": DESK, Office, Quiet, Plain;
    /// … are adopted or discarded by the desk.
    Review "review": DESK, Office, Once, Plain;
    /// Who told of an issue: masked…
    SeeTipster "see_tipster": DESK, Office, Quiet, Plain;
    /// … whole, to call back …
    LookAtTipster "look_at_tipster": DESK, Office, Noted, Plain;
    /// … noted and forgotten.
    KeepTipster "keep_tipster": DESK, Office, Once, Plain;
    ReadPeople "read_people": ADMINISTRATORS, Office, Quiet, Plain;
    KeepPeople "keep_people": Asker::Officer(Duty::Security), Office, Once, Fresh;
    Invite "invite": Asker::Officer(Duty::Security), Office, Once, Fresh;
    Revoke "revoke": Asker::Officer(Duty::Security), Office, Once, Fresh;
    /// Somebody else's passkey, whose device may stay.
    WithdrawPasskey "withdraw_passkey": Asker::Officer(Duty::Security), Office, Once, Fresh;
    /// By which name the office's sign-on calls somebody: whoever signs on by it enrols as him.
    BindSignOn "bind_sign_on": Asker::Officer(Duty::Security), Office, Once, Fresh;
    /// Says which duties an administrator has; nobody says it of himself.
    Appoint "appoint": Asker::Officer(Duty::Security), Office, Once, Fresh;
    /// Tells a restored office whom it had put out and taken in. A device does so by itself, and the office's own seal proves it.
    Remember "remember": Asker::Officer(Duty::Security), Office, Once, Plain;
    KeepZones "keep_zones": Asker::Officer(Duty::System), Office, Once, Fresh;
    KeepCatalogue "keep_catalogue": Asker::Officer(Duty::System), Office, Once, Plain;
    KeepCalendar "keep_calendar": Asker::Officer(Duty::System), Office, Once, Plain;
    /// How long what is kept, and how much of it is about the asker.
    ReadPrivacy "read_privacy": Asker::Device, Own, Quiet, Plain;
    /// What is let go does not come back.
    KeepRetention "keep_retention": Asker::Officer(Duty::System), Office, Once, Fresh;
    /// When phones hide what they show: whoever takes the lock away opens all of them.
    KeepLock "keep_lock": Asker::Officer(Duty::System), Office, Once, Fresh;
    ReadAudit "read_audit": Asker::Officer(Duty::Audit), Office, Noted, Plain;
    ExportAudit "export_audit": Asker::Officer(Duty::Audit), Office, Noted, Fresh;
}

impl Right {
    /// What a device still does at which nobody has proven himself since its vault was thrown away: it brings what it has, and nothing of
    /// the office comes down by it.
    pub fn is_for_unproven(self) -> bool {
        matches!(self, Self::Doubt | Self::BringPhoto | Self::HandOver | Self::Patrol)
    }
}

/// Whether somebody whose device is in service may ask for this at all.
pub fn may(person: &Person, right: Right) -> bool {
    let officer = |duty| person.role == Role::Administrator && person.duties.contains(duty);
    person.active
        && match right.grant().asker {
            Asker::Anyone | Asker::Newcomer | Asker::Device | Asker::EvenStopped => true,
            // An administrator who was relieved of every duty keeps the name and nothing else.
            Asker::Roles(roles) => {
                roles.contains(&person.role) && (person.role != Role::Administrator || !person.duties.is_empty())
            }
            Asker::Officer(duty) => officer(&duty),
        }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::person;

    fn officer(duties: &[Duty]) -> Person {
        Person { duties: duties.iter().copied().collect(), ..person(1, Role::Administrator, &[]) }
    }

    #[test]
    fn every_right_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Right::ALL.iter().map(|right| right.code()).collect();
        assert_eq!(words.len(), Right::ALL.len());
    }

    #[test]
    fn no_officer_does_the_work_of_another_and_none_of_them_the_desks() {
        for (duty, others) in [
            (Duty::System, [Right::KeepPeople, Right::Invite, Right::ReadAudit]),
            (Duty::Security, [Right::KeepZones, Right::KeepCalendar, Right::ExportAudit]),
            (Duty::Audit, [Right::KeepZones, Right::KeepPeople, Right::Appoint]),
        ] {
            let one = officer(&[duty]);
            let desk = [Right::Export, Right::KeepBooks, Right::Review, Right::SeeBoard];
            assert!(others.into_iter().chain(desk).all(|right| !may(&one, right)), "{duty:?}");
            assert!(may(&one, Right::ReadPeople), "{duty:?}");
        }
    }

    #[test]
    fn whoever_left_or_was_relieved_of_every_duty_may_nothing_of_it() {
        let kept = |right: &&Right| matches!(right.grant().asker, Asker::Roles(_) | Asker::Officer(_));
        for right in Right::ALL.iter().filter(kept) {
            assert!(!may(&officer(&[]), *right), "{right:?}");
            for role in Role::ALL {
                assert!(!may(&Person { active: false, ..person(1, role, &[1]) }, *right), "{right:?}");
            }
        }
    }

    #[test]
    fn people_roles_zones_lists_and_devices_take_the_person_himself_and_work_in_the_field_never_does() {
        use Right::*;
        let fresh = Right::ALL.iter().copied().filter(|right| right.grant().sure == Sure::Fresh);
        let told = [
            DropPasskey,
            Export,
            ExportBooks,
            KeepPeople,
            Invite,
            Revoke,
            WithdrawPasskey,
            BindSignOn,
            Appoint,
            KeepZones,
            KeepRetention,
            KeepLock,
            ExportAudit,
        ];
        assert_eq!(fresh.collect::<Vec<_>>(), told);
        for right in [Sync, BringPhoto, Patrol, HandOver, ConfirmBulletin, Doubt] {
            assert_eq!(right.grant().sure, Sure::Plain, "{right:?} must not wait for anything");
        }
    }

    #[test]
    fn a_device_that_must_prove_itself_brings_its_work_and_reads_nothing() {
        for right in Right::ALL.iter().filter(|right| right.is_for_unproven()) {
            assert!(matches!(right.grant().reach, Reach::Own), "{right:?}");
        }
        assert!(!Right::Sync.is_for_unproven() && !Right::ReadDirectory.is_for_unproven());
    }

    #[test]
    fn what_changes_the_office_counts_once_and_what_leaves_it_is_noted() {
        for right in Right::ALL {
            let keeps = matches!(right.grant().asker, Asker::Officer(_));
            assert!(!keeps || right.grant().trace >= Trace::Noted, "{right:?}");
        }
        assert_eq!(Right::Export.grant().trace, Trace::Noted);
    }
}
