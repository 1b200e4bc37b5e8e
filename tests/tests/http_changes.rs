//! Every kind of change in every state, pushed by everybody: the hub judges it as the table says, and takes it from nobody but whoever
//! made it, while he is in service. Nothing here says who may do what.

use std::sync::atomic::{AtomicI64, Ordering};

use xiaohao_server::service::directory;
use xiaohao_shared::api::{ProblemKind, SavePerson};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::policy::{Sight, sight};
use xiaohao_shared::model::workflow::{Action, RULES, Rule, State, Who};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::{self, Push, Request, Response, Stop, Verdict};
use xiaohao_shared::time::{DAY, Timestamp};
use xiaohao_tests::changes::{
    OWN, ZONES, actions, appealed, closed_late, filled, in_two_states, issue_in, issue_of, push, rule, stored,
    two_of_the_desk, way_to, write,
};
use xiaohao_tests::edits::{new_issue, remark, report, step};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

/// What the asker has to do with an issue; he rectified none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    Nothing,
    /// He reported it, and is in charge of it once somebody is.
    His,
}

/// What the two sheets and the column of zones say, read without the judge. Nothing is late, and nothing is in conflict.
fn allowed((role, tie): (Role, Tie), sees: bool, action: Action, from: State) -> bool {
    let given = way_to(from).contains(&Action::Dispatch);
    let who = |rule: &Rule| match rule.who {
        Who::Anyone | Who::NotRectifier => true,
        Who::Assignee => role == Role::Supervisor || (tie == Tie::His && given),
        Who::Reporter => tie == Tie::His,
        Who::InCharge => tie == Tie::His && given,
    };
    let one =
        |rule: &Rule| rule.action == action && rule.from.contains(&from) && rule.roles.contains(&role) && who(rule);
    let suspended = from == State::Suspended && matches!(action, Action::Start | Action::HandIn);
    let empty = matches!(action, Action::Decide | Action::Appeal | Action::GrantAppeal | Action::RefuseAppeal);
    sees && !empty && !suspended && RULES.iter().any(one)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_change_in_every_state_is_judged_by_the_hub_as_the_table_says() {
    let server = TestServer::start().await;
    let desk = two_of_the_desk(&server).await;
    let mut grounds = Vec::new();
    for (state, zone) in State::ALL.into_iter().flat_map(|state| ZONES.map(|zone| (state, zone))) {
        let (issue, document) = issue_in(state, zone, &desk).await;
        grounds.push((state, zone, issue, document));
    }
    let actions = actions();
    let (mut judged, mut accepted) = (0, 0);
    for role in Role::ALL {
        let me = server.person(&format!("{role:?}"), role, &[OWN]).await;
        let device = server.enrol(&me).await;
        let sees = |zone: u32| match sight(role) {
            Sight::Office => true,
            Sight::OwnZones => zone == OWN,
            Sight::Nothing => false,
        };
        let (mut pushes, mut expected) = (Vec::new(), Vec::new());
        for zone in ZONES {
            let begun = write(&mut Document::default(), &device, &report(me.id, zone, "新的"));
            pushes.push((new_issue(), begun));
            expected.push((sees(zone), format!("{role:?} reports in zone {zone}")));
        }
        for (state, zone, issue, document) in &grounds {
            pushes.push((*issue, write(&mut document.clone(), &device, &remark(me.id, "看过"))));
            expected.push((sees(*zone), format!("{role:?} remarks in {state:?}, zone {zone}")));
            for action in &actions {
                let edit = filled(me.id, rule(*action), *state, desk[0].0.id);
                pushes.push((*issue, write(&mut document.clone(), &device, &edit)));
                let may = allowed((role, Tie::Nothing), sees(*zone), *action, *state);
                expected.push((may, format!("{role:?} {action:?} in {state:?}, zone {zone}")));
            }
        }
        for (pushes, expected) in pushes.chunks(100).zip(expected.chunks(100)) {
            for (verdict, (may, what)) in push(&device, pushes.to_vec()).await.iter().zip(expected) {
                match verdict {
                    Verdict::Accepted { .. } => assert!(may, "{what}: {verdict:?}"),
                    Verdict::Refused(_) => assert!(!may, "{what}: {verdict:?}"),
                    other => panic!("{what}: {other:?}"),
                }
                (judged, accepted) = (judged + 1, accepted + usize::from(*may));
            }
        }
    }
    println!("{judged} changes judged as the table says, {accepted} of them accepted");
    assert!(judged > 2_000 && accepted > 200, "{judged} {accepted}");
}

/// Sends each change by itself, and compares with what is expected of it.
async fn each(device: &TestDevice, asked: Vec<(IssueId, Vec<u8>, bool, String)>) -> usize {
    for asked in asked.chunks(100) {
        let pushes = asked.iter().map(|(issue, change, ..)| (*issue, change.clone())).collect();
        for (verdict, (.., may, what)) in push(device, pushes).await.iter().zip(asked) {
            match verdict {
                Verdict::Accepted { .. } => assert!(may, "{what}: {verdict:?}"),
                Verdict::Refused(_) => assert!(!may, "{what}: {verdict:?}"),
                other => panic!("{what}: {other:?}"),
            }
        }
    }
    asked.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reported_an_issue_or_is_in_charge_of_it_may_what_the_table_gives_him_and_no_more() {
    let server = TestServer::start().await;
    let desk = two_of_the_desk(&server).await;
    let actions = actions();
    let (mut judged, mut more) = (0, 0);
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        let me = server.person(&format!("{role:?}"), role, &[OWN]).await;
        let device = server.enrol(&me).await;
        let mut asked = Vec::new();
        for state in State::ALL {
            let (issue, document) = issue_of((me.id, &device), state, OWN, &desk).await;
            for action in &actions {
                let edit = filled(me.id, rule(*action), state, desk[0].0.id);
                let change = write(&mut document.clone(), &device, &edit);
                let may = allowed((role, Tie::His), true, *action, state);
                more += usize::from(may && !allowed((role, Tie::Nothing), true, *action, state));
                asked.push((issue, change, may, format!("{role:?} {action:?} in {state:?}, his own")));
            }
        }
        judged += each(&device, asked).await;
    }
    println!("{judged} changes of one's own issues judged as the table says, {more} of them allowed to nobody else");
    assert!(judged > 700 && more > 15, "{judged} {more}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_goes_to_another_zone_by_whoever_sees_both() {
    let server = TestServer::start().await;
    let desk = two_of_the_desk(&server).await;
    for role in Role::ALL {
        let me = server.person(&format!("{role:?}"), role, &[OWN]).await;
        let device = server.enrol(&me).await;
        let reports = sight(role) != Sight::Nothing;
        let whose = if reports { (me.id, &device) } else { (desk[0].0.id, &desk[0].1) };
        let (own, there) = issue_of(whose, State::Reported, OWN, &desk).await;
        let (foreign, elsewhere) = issue_in(State::Reported, 2, &desk).await;
        let moved = |document: &Document, zone| {
            let edit = step(me.id, Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(zone)));
            write(&mut document.clone(), &device, &edit)
        };
        let office = sight(role) == Sight::Office;
        let asked = vec![
            (own, moved(&there, 2), office, format!("{role:?} moves his own to a foreign zone")),
            (foreign, moved(&elsewhere, OWN), role == Role::Supervisor, format!("{role:?} fetches a foreign one")),
        ];
        each(&device, asked).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_states_whoever_sees_the_issue_chooses_and_an_appeal_is_the_desks_to_decide() {
    let server = TestServer::start().await;
    let desk = two_of_the_desk(&server).await;
    for role in Role::ALL {
        let me = server.person(&format!("{role:?}"), role, &[OWN]).await;
        let device = server.enrol(&me).await;
        let mut asked = Vec::new();
        for zone in ZONES {
            let sees = sight(role) == Sight::Office || (zone == OWN && sight(role) == Sight::OwnZones);
            let (issue, mut document) = in_two_states(zone, &desk).await;
            let decide = step(me.id, Action::Decide, State::Filed, None).with(Value::State(State::Filed));
            asked.push((
                issue,
                write(&mut document, &device, &decide),
                sees,
                format!("{role:?} decides in zone {zone}"),
            ));
        }
        for (appealed, action) in [Action::GrantAppeal, Action::RefuseAppeal].map(|action| (appealed(&desk), action)) {
            let (issue, mut document) = appealed.await;
            let edit = filled(me.id, rule(action), State::Closed, me.id);
            let may = role == Role::Supervisor;
            asked.push((issue, write(&mut document, &device, &edit), may, format!("{role:?} {action:?}")));
        }
        each(&device, asked).await;
    }
}

// By whom it comes

/// Somebody with what he writes on.
type Hand = (PersonId, TestDevice);

/// Those who could make the same changes.
struct Makers {
    role: Role,
    /// He may.
    me: Hand,
    /// His phone that he has lost, and somebody has found.
    lost: Hand,
    /// He might have, and has left.
    gone: Hand,
}

impl Makers {
    async fn of(server: &TestServer, role: Role, admin: &TestDevice) -> Self {
        let me = server.person("me", role, &[OWN]).await;
        let gone = server.person("gone", role, &[OWN]).await;
        let (phone, lost, left) = (server.enrol(&me).await, server.enrol(&me).await, server.enrol(&gone).await);
        let revoked = admin.post(&format!("/api/admin/devices/{}/revoke", lost.device()), "").await;
        assert_eq!(revoked.status, 200);
        let zones = gone.zones.iter().copied().collect();
        let leaves = SavePerson { id: Some(gone.id), name: gone.name, role, zones, active: false };
        directory::put_person(&server.service, leaves).await.expect("saved");
        Self { role, me: (me.id, phone), lost: (me.id, lost), gone: (gone.id, left) }
    }
}

/// A change that the hub takes from whoever makes it here.
struct Kind {
    name: String,
    role: Role,
    issue: IssueId,
    document: Document,
    edit: Box<dyn Fn(PersonId) -> Edit + Send>,
}

impl Kind {
    fn new(name: &str, role: Role, at: (IssueId, Document), edit: impl Fn(PersonId) -> Edit + Send + 'static) -> Self {
        let (issue, document) = at;
        Self { name: name.into(), role, issue, document, edit: Box::new(edit) }
    }

    /// As a page of one push.
    fn by(&self, (person, device): &Hand) -> Call {
        let change = write(&mut self.document.clone(), device, &(self.edit)(*person));
        let pushes = vec![Push { issue: self.issue, change }];
        Call::new("POST", wire::PATH).body(wire::pack(&Request { pushes, ..nothing() })).from_elsewhere()
    }
}

/// Whoever may take this action in some state of an issue that is his.
fn first_place(action: Action) -> Option<(Role, State)> {
    let roles = [Role::Cadre, Role::Inspector, Role::Supervisor];
    let places = roles.into_iter().flat_map(|role| State::ALL.map(|state| (role, state)));
    places.into_iter().find(|(role, state)| allowed((*role, Tie::His), true, action, *state))
}

async fn kinds(makers: &[Makers], desk: &[(Person, TestDevice); 2]) -> Vec<Kind> {
    let charged = desk[0].0.id;
    let of = |role: Role| makers.iter().find(|makers| makers.role == role).map(|makers| &makers.me).expect("one");
    let (me, phone) = of(Role::Cadre);
    let mut all = vec![
        Kind::new("report", Role::Cadre, (new_issue(), Document::default()), |by| report(by, OWN, "新的")),
        Kind::new("remark", Role::Cadre, issue_in(State::Reported, OWN, desk).await, |by| remark(by, "看过")),
        Kind::new("move", Role::Supervisor, issue_in(State::Reported, OWN, desk).await, |by| {
            step(by, Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(2)))
        }),
        Kind::new("Decide", Role::Cadre, in_two_states(OWN, desk).await, |by| {
            step(by, Action::Decide, State::Filed, None).with(Value::State(State::Filed))
        }),
        Kind::new("Appeal", Role::Cadre, closed_late((*me, phone), desk).await, |by| {
            filled(by, rule(Action::Appeal), State::Closed, by)
        }),
    ];
    for action in [Action::GrantAppeal, Action::RefuseAppeal] {
        let edit = move |by| filled(by, rule(action), State::Closed, by);
        all.push(Kind::new(&format!("{action:?}"), Role::Supervisor, appealed(desk).await, edit));
    }
    for action in actions() {
        let Some((role, state)) = first_place(action) else { continue };
        let (me, phone) = of(role);
        let edit = move |by| filled(by, rule(action), state, charged);
        let at = issue_of((*me, phone), state, OWN, desk).await;
        all.push(Kind::new(&format!("{action:?}"), role, at, edit));
    }
    all
}

async fn turned_away(request: reqwest::Request, status: u16, kind: ProblemKind, what: &str) {
    let problem = Answer::of(request).await.problem();
    assert_eq!((problem.status, problem.kind), (status, kind), "{what}");
}

/// Heard, and told by this word that it is not merged.
async fn not_merged(device: &TestDevice, page: Call, (word, stopped): (&str, Option<Stop>), what: &str) {
    let answer = device.send(page).await;
    assert_eq!(answer.status, 200, "{what}");
    let page = wire::unpack::<Response>(&answer.body).expect("a page");
    match &page.verdicts[..] {
        [Verdict::Refused(Refusal(why)) | Verdict::Held(Refusal(why))] => assert_eq!(why, word, "{what}"),
        verdicts => panic!("{what}: {verdicts:?}"),
    }
    assert_eq!(page.stopped, stopped, "{what}");
}

static AHEAD: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    xiaohao_server::service::system_clock() + AHEAD.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_of_change_is_taken_from_anybody_but_whoever_made_it_while_he_is_in_service() {
    let site = Usual { host: "localhost", behind_proxy: true, clock: later, ..Usual::default() };
    let server = TestServer::start_at(site).await;
    let desk = two_of_the_desk(&server).await;
    let admin = server.enrol(&server.person("admin", Role::Administrator, &[]).await).await;
    let mut makers = Vec::new();
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        makers.push(Makers::of(&server, role, &admin).await);
    }
    let kinds = kinds(&makers, &desk).await;
    assert_eq!(kinds.len(), 3 + actions().len(), "a report, a remark, a move, and every action");
    let made: Vec<(&Kind, &Makers)> = kinds
        .iter()
        .map(|kind| (kind, makers.iter().find(|makers| makers.role == kind.role).expect("of each role")))
        .collect();
    let (before, mut refused) = (stored(&server).await, 0);
    for (kind, Makers { me, lost, gone, .. }) in &made {
        let what = |how: &str| format!("{} {how}", kind.name);
        turned_away(kind.by(me).unsigned(&server.origin), 401, ProblemKind::NotSigned, &what("unsigned")).await;
        let mut another = me.1.clone();
        another.key = desk[0].1.key.clone();
        let request = another.sign(kind.by(me));
        turned_away(request, 401, ProblemKind::NotSigned, &what("signed by another's device")).await;
        not_merged(&desk[0].1, kind.by(me), ("foreign_actor", None), &what("by another's device")).await;
        not_merged(&lost.1, kind.by(lost), ("device_revoked", Some(Stop::Revoked)), &what("by a lost device")).await;
        not_merged(&gone.1, kind.by(gone), ("inactive", Some(Stop::Revoked)), &what("by somebody who left")).await;
        refused += 5;
        assert_eq!(stored(&server).await, before, "{}", kind.name);
    }
    AHEAD.store(91 * DAY, Ordering::Relaxed);
    for (kind, Makers { lost, gone, .. }) in &made {
        for hand in [lost, gone] {
            let request = hand.1.sign(kind.by(hand));
            turned_away(request, 403, ProblemKind::DeviceRevoked, &format!("{} too late", kind.name)).await;
            refused += 1;
        }
    }
    assert_eq!(stored(&server).await, before);
    AHEAD.store(0, Ordering::Relaxed);
    // Each of them would have been taken.
    for (kind, Makers { me, .. }) in &made {
        let answer = me.1.send(kind.by(me)).await;
        let verdicts = wire::unpack::<Response>(&answer.body).expect("a page").verdicts;
        assert!(matches!(verdicts[..], [Verdict::Accepted { .. }]), "{}: {verdicts:?}", kind.name);
    }
    println!(
        "{} kinds of change refused in {refused} pushes by the wrong hands, none stored; all taken from the right ones",
        kinds.len()
    );
}
