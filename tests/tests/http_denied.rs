//! Every word by which the policy refuses a change, and those of its history, its bytes and its document, drawn at the hub by a
//! forged change: none of them is stored. Which changes are refused in which state, `shared::model::policy` tests.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use automerge::Change;

use xiaohao_server::service::{directory, random, system_clock};
use xiaohao_shared::api::SavePerson;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{Actor, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::policy::{Denied, MAX_TEXT};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Role, Stage};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::{self, Push, Request, Response, Verdict};
use xiaohao_shared::time::{DAY, Timestamp};
use xiaohao_tests::bombs::claiming;
use xiaohao_tests::changes::stored;
use xiaohao_tests::edits::{new_issue, photo, remark, report, step};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{TestDevice, TestServer};

/// The one word that no change draws that comes through the door: no report begins an issue that is newer than this office.
const NEVER_DRAWN: [Denied; 1] = [Denied::NewerSchema];

/// Every word there is, as the policy itself says it to whoever asks for another.
fn all_words() -> Vec<Denied> {
    let said = serde_json::from_str::<Denied>("\"no such word\"").expect_err("none").to_string();
    let words: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
    words.into_iter().map(|word| serde_json::from_str(&format!("\"{word}\"")).expect("a word")).collect()
}

async fn push(device: &TestDevice, issue: IssueId, change: Vec<u8>) -> Verdict {
    let pushes = vec![Push { issue, change }];
    let answer = device.post(wire::PATH, wire::pack(&Request { pushes, ..nothing() })).await;
    wire::unpack::<Response>(&answer.body).expect("a page").verdicts.remove(0)
}

/// An issue as the office has it.
#[derive(Clone)]
struct Case {
    issue: IssueId,
    document: Document,
    nonce: u64,
}

impl Case {
    async fn goes(&mut self, device: &TestDevice, edit: Edit) {
        let actor = Actor { device: device.device(), nonce: self.nonce };
        let bytes = self.document.edit(actor, &edit).expect("an edit").bytes;
        let verdict = push(device, self.issue, bytes).await;
        assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?} {:?}", edit.step);
    }

    async fn refused(&self, device: &TestDevice, edit: &Edit) -> String {
        let actor = Actor { device: device.device(), nonce: self.nonce };
        let bytes = self.document.clone().edit(actor, edit).expect("an edit").bytes;
        word(push(device, self.issue, bytes).await)
    }
}

fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refused(Refusal(word)) | Verdict::Held(Refusal(word)) => word,
        verdict => panic!("not refused: {verdict:?}"),
    }
}

/// One of the desk, one in charge, one beside him, and one of another zone.
struct Office {
    server: TestServer,
    desk: (PersonId, TestDevice),
    cadre: (PersonId, TestDevice),
    other: (PersonId, TestDevice),
    far: (PersonId, TestDevice),
}

impl Office {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let mut all = Vec::new();
        for (name, role, zones) in [
            ("指挥", Role::Supervisor, &[][..]),
            ("干部", Role::Cadre, &[1]),
            ("同片", Role::Cadre, &[1]),
            ("别片", Role::Cadre, &[2]),
        ] {
            let person = server.person(name, role, zones).await;
            all.push((person.id, server.enrol(&person).await));
        }
        let mut all = all.into_iter();
        let mut next = || all.next().expect("four");
        let (desk, cadre, other, far) = (next(), next(), next(), next());
        Self { server, desk, cadre, other, far }
    }

    async fn reported(&self) -> Case {
        let nonce = u64::from_be_bytes(random());
        let mut case = Case { issue: new_issue(), document: Document::default(), nonce };
        case.goes(&self.cadre.1, report(self.cadre.0, 1, "门口垃圾")).await;
        case
    }

    async fn filed(&self) -> Case {
        let mut case = self.reported().await;
        case.goes(&self.desk.1, self.by_desk(Action::File, State::Reported, Some(State::Filed))).await;
        case
    }

    /// In work by the cadre, until then.
    async fn handling(&self, due: Timestamp) -> Case {
        let mut case = self.filed().await;
        case.goes(&self.desk.1, self.dispatch(self.cadre.0, due)).await;
        let start = step(self.cadre.0, Action::Start, State::Dispatched, Some(State::Handling));
        case.goes(&self.cadre.1, start).await;
        case
    }

    /// Handed in by the cadre.
    async fn checked(&self, due: Timestamp) -> Case {
        let mut case = self.handling(due).await;
        let hand_in = step(self.cadre.0, Action::HandIn, State::Handling, Some(State::ToCheck));
        case.goes(&self.cadre.1, hand_in.with_photos(photo(self.cadre.0, Stage::After))).await;
        case
    }

    async fn closed(&self, checked: &Case) -> Case {
        let mut case = checked.clone();
        case.goes(&self.desk.1, self.by_desk(Action::Close, State::ToCheck, Some(State::Closed))).await;
        case
    }

    async fn extended(&self, due: Timestamp) -> Case {
        let mut case = self.handling(due).await;
        for time in 1..=2 {
            let extend = self.by_desk(Action::Extend, State::Handling, None).with(Value::Extensions(time));
            case.goes(&self.desk.1, due_at(extend, due + i64::from(time) * DAY)).await;
        }
        case
    }

    /// And in work again.
    async fn suspended(&self, due: Timestamp, at: Timestamp) -> Case {
        let mut case = self.handling(due).await;
        case.goes(&self.desk.1, self.suspend(at)).await;
        case.goes(&self.desk.1, self.by_desk(Action::Resume, State::Suspended, Some(State::Handling))).await;
        case
    }

    fn suspend(&self, at: Timestamp) -> Edit {
        due_at(self.by_desk(Action::Suspend, State::Handling, Some(State::Suspended)), at)
    }

    fn by_desk(&self, action: Action, from: State, to: Option<State>) -> Edit {
        step(self.desk.0, action, from, to)
    }

    fn dispatch(&self, person: PersonId, due: Timestamp) -> Edit {
        let dispatch = self.by_desk(Action::Dispatch, State::Filed, Some(State::Dispatched));
        due_at(dispatch.with(Value::Assignee(Some(person))), due)
    }

    async fn rows(&self) -> Vec<i64> {
        stored(&self.server).await
    }
}

fn until(mut edit: Edit, at: Timestamp) -> Edit {
    edit.step.as_mut().expect("a step").record.until = Some(at);
    edit
}

fn due_at(edit: Edit, at: Timestamp) -> Edit {
    until(edit, at).with(Value::Due(Some(at)))
}

fn without_reason(mut edit: Edit) -> Edit {
    edit.step.as_mut().expect("a step").record.reason = String::new();
    edit
}

/// Issues in the states that the words need.
struct Cases {
    reported: Case,
    filed: Case,
    handling: Case,
    /// Its deadline has passed.
    late: Case,
    checked: Case,
    closed: Case,
    /// As often as one may be.
    extended: Case,
    suspended: Case,
}

impl Cases {
    async fn of(office: &Office, now: Timestamp) -> Self {
        let due = now + 5 * DAY;
        let checked = office.checked(due).await;
        Self {
            reported: office.reported().await,
            filed: office.filed().await,
            handling: office.handling(due).await,
            late: office.handling(now + -DAY).await,
            closed: office.closed(&checked).await,
            checked,
            extended: office.extended(due).await,
            suspended: office.suspended(due, now + 30 * DAY).await,
        }
    }
}

/// Who sends what about which issue, and the word that he hears.
type Forged<'a> = (Denied, &'a Case, &'a TestDevice, Edit);

fn forged<'a>(office: &'a Office, cases: &'a Cases, now: Timestamp) -> Vec<Forged<'a>> {
    let stranger = PersonId(999);
    let (pc, phone, beside, far) = (&office.desk.1, &office.cadre.1, &office.other.1, &office.far);
    let (cadre, other) = (office.cadre.0, office.other.0);
    let dispatch = |person| office.dispatch(person, now + DAY);
    let ask = |at| until(step(cadre, Action::AskExtension, State::Handling, None), at);
    let bare = |action, from, to| office.by_desk(action, from, to);
    vec![
        (Denied::NotYourName, &cases.reported, phone, remark(other, "冒名")),
        (Denied::NotYourZone, &cases.reported, &far.1, remark(far.0, "别的片区")),
        (Denied::RoleMayNot, &cases.reported, phone, step(cadre, Action::File, State::Reported, Some(State::Filed))),
        (Denied::NotInThisState, &cases.filed, pc, bare(Action::File, State::Reported, Some(State::Filed))),
        (
            Denied::NotAssigned,
            &cases.handling,
            beside,
            step(other, Action::Return, State::Handling, Some(State::Filed)),
        ),
        (Denied::OwnWork, &cases.checked, phone, step(cadre, Action::Close, State::ToCheck, Some(State::Closed))),
        (
            Denied::ReasonMissing,
            &cases.reported,
            pc,
            without_reason(bare(Action::Void, State::Reported, Some(State::Void))),
        ),
        (
            Denied::PhotoMissing,
            &cases.handling,
            phone,
            step(cadre, Action::HandIn, State::Handling, Some(State::ToCheck)),
        ),
        (
            Denied::AssigneeMissing,
            &cases.filed,
            pc,
            due_at(bare(Action::Dispatch, State::Filed, Some(State::Dispatched)), now + DAY),
        ),
        (
            Denied::DeadlineMissing,
            &cases.filed,
            pc,
            bare(Action::Dispatch, State::Filed, Some(State::Dispatched)).with(Value::Assignee(Some(cadre))),
        ),
        (Denied::FieldNotAllowed, &cases.reported, phone, remark(cadre, "夹带").with(Value::Priority(true))),
        (
            Denied::UnknownZone,
            &cases.reported,
            pc,
            bare(Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(99))),
        ),
        (
            Denied::NotYourZone,
            &cases.reported,
            phone,
            step(cadre, Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(2))),
        ),
        (Denied::UnknownPerson, &cases.filed, pc, dispatch(stranger)),
        (Denied::AssigneeUnfit, &cases.filed, pc, dispatch(far.0)),
        (Denied::TooLong, &cases.reported, phone, remark(cadre, &"长".repeat(MAX_TEXT + 1))),
        (
            Denied::TooManyExtensions,
            &cases.extended,
            pc,
            due_at(bare(Action::Extend, State::Handling, None).with(Value::Extensions(3)), now + 9 * DAY),
        ),
        (Denied::TooLate, &cases.late, phone, ask(now + 9 * DAY)),
        (Denied::NotLater, &cases.handling, phone, ask(now + DAY)),
        (Denied::SuspendedBefore, &cases.suspended, pc, office.suspend(now + 60 * DAY)),
        (Denied::SuspensionTooLong, &cases.handling, pc, office.suspend(now + 400 * DAY)),
        (Denied::DeadlinePast, &cases.handling, pc, office.suspend(now + -DAY)),
        (
            Denied::NotAConcurrentValue,
            &cases.handling,
            pc,
            bare(Action::Decide, State::Handling, None).with(Value::Priority(true)),
        ),
        (Denied::DuplicateMissing, &cases.reported, phone, step(cadre, Action::MarkDuplicate, State::Reported, None)),
        (Denied::NothingToAppeal, &cases.closed, phone, step(cadre, Action::Appeal, State::Closed, None)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_word_by_which_the_policy_refuses_a_change_is_drawn_at_the_hub_and_nothing_is_stored() {
    let office = Office::open().await;
    let now = system_clock();
    let cases = Cases::of(&office, now).await;
    let forged = forged(&office, &cases, now);
    let before = office.rows().await;
    let mut drawn = BTreeSet::new();
    for (why, case, device, edit) in &forged {
        let said = case.refused(device, edit).await;
        assert_eq!(said, Refusal::from(*why).0, "{why:?}");
        drawn.insert(*why);
    }
    assert_eq!(office.rows().await, before);
    // Heard for a while after he left: it is kept, and merged nowhere.
    let (other, beside) = &office.other;
    let gone = SavePerson {
        id: Some(*other),
        name: "同片".into(),
        role: Role::Cadre,
        zones: [ZoneId(1)].into(),
        active: false,
    };
    directory::put_person(&office.server.service, gone).await.expect("saved");
    assert_eq!(cases.reported.refused(beside, &remark(*other, "离任后才送到")).await, "inactive");
    drawn.insert(Denied::Inactive);
    assert_eq!(office.rows().await, before);
    let all = all_words();
    assert!(all.len() > 20 && NEVER_DRAWN.iter().all(|word| all.contains(word)), "{all:?}");
    let missing: Vec<Denied> =
        all.into_iter().filter(|word| !NEVER_DRAWN.contains(word) && !drawn.contains(word)).collect();
    assert!(missing.is_empty(), "no forged change draws {missing:?}");
    println!("{} forged changes drew {} words of the policy, none stored", forged.len(), drawn.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_forks_or_hangs_in_the_air_is_no_history() {
    let office = Office::open().await;
    let (cadre, phone) = (office.cadre.0, &office.cadre.1);
    let mut case = office.reported().await;
    let before = case.clone();
    case.goes(phone, remark(cadre, "第一句")).await;
    let rows = office.rows().await;
    // The same actor writes once more at the place where he has written.
    assert_eq!(before.refused(phone, &remark(cadre, "另一句")).await, "wrong_sequence");
    // Its operations are counted as no honest writer counts them: whoever counts higher wins each conflict.
    let nonce = Actor { device: phone.device(), nonce: 5 };
    let honest = case.document.clone().edit(nonce, &remark(cadre, "越过")).expect("an edit").bytes;
    let mut ahead = Change::from_bytes(honest).expect("our own change").decode();
    ahead.start_op = NonZeroU64::new(ahead.start_op.get() + 1_000).expect("a number");
    let ahead = Change::from(ahead).raw_bytes().to_vec();
    assert_eq!(word(push(phone, case.issue, ahead).await), "wrong_start_op");
    // What it builds on never came: no issue comes of it.
    let actor = Actor { device: phone.device(), nonce: 7 };
    let mut unknown = Document::default();
    unknown.edit(actor, &report(cadre, 1, "没有送来")).expect("an edit");
    let orphan = unknown.edit(actor, &remark(cadre, "后来的话")).expect("an edit").bytes;
    let verdict = push(phone, new_issue(), orphan).await;
    assert!(matches!(verdict, Verdict::MissingDependencies), "{verdict:?}");
    assert_eq!(office.rows().await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_claim_too_much_or_are_written_otherwise_are_refused_by_their_words() {
    let office = Office::open().await;
    let (phone, rows) = (&office.cadre.1, office.rows().await);
    let actor = Actor { device: phone.device(), nonce: 1 };
    for (operations, why) in [(1_000_000, "too_many_operations"), (1, "not_canonical")] {
        let (issue, bytes) = (new_issue(), claiming(actor, operations));
        assert!(bytes.len() < 100);
        assert_eq!(word(push(phone, issue, bytes).await), why);
        assert_eq!(office.rows().await, rows, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_full_takes_no_other_remark_and_a_record_that_stands_is_not_written_twice() {
    let office = Office::open().await;
    let (cadre, phone) = (office.cadre.0, &office.cadre.1);
    let mut case = office.reported().await;
    let before = Case { nonce: case.nonce.wrapping_add(1), ..case.clone() };
    let said = remark(cadre, "说过的");
    case.goes(phone, said.clone()).await;
    let rows = office.rows().await;
    // As a phone writes it whose storage was put back to an older state.
    assert_eq!(before.refused(phone, &said).await, "stands_already");
    assert_eq!(office.rows().await, rows);
    assert_eq!(said_until_full(&office, &mut case).await, "document_full");
    let rows = office.rows().await;
    // Nor by anybody else.
    let longest = remark(office.desk.0, &"长".repeat(MAX_TEXT));
    assert_eq!(case.refused(&office.desk.1, &longest).await, "document_full");
    assert_eq!(office.rows().await, rows);
}

/// The longest remarks, one after another, until one is refused: by this word.
async fn said_until_full(office: &Office, case: &mut Case) -> String {
    let (cadre, phone) = (office.cadre.0, &office.cadre.1);
    let actor = Actor { device: phone.device(), nonce: case.nonce };
    for _ in 0..200 {
        let before = case.document.clone();
        let longest = remark(cadre, &"长".repeat(MAX_TEXT));
        let bytes = case.document.edit(actor, &longest).expect("an edit").bytes;
        match push(phone, case.issue, bytes).await {
            Verdict::Accepted { .. } => {}
            verdict => {
                case.document = before;
                return word(verdict);
            }
        }
    }
    panic!("no document is ever full");
}
