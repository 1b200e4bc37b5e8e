//! Issues as chance makes them, and their rows in the store as the projection makes those: for tests that compare what SQL says with what
//! memory says. Knows no HTTP.

use std::collections::BTreeMap;

use xiaohao_server::store::begin;
use xiaohao_server::store::projection::{self, BroughtBy, Context, Rewrite, Rows, Told};
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::doc::{Conflict, Version};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{
    Contact, Entry, Issue, Manner, Outcome, Part, Place, Remark, Severity, Step, Supervision, SupervisionLevel,
};
use xiaohao_shared::time::{DAY, HOUR, Timestamp};

use crate::TestServer;
use crate::workload::Chance;

pub fn some<T>(chance: &mut Chance, share: f64, value: impl FnOnce(&mut Chance) -> T) -> Option<T> {
    (chance.draw() < share).then(|| value(chance))
}

pub fn invented(number: u8, now: Timestamp, chance: &mut Chance) -> Issue {
    let hours = |chance: &mut Chance, span: usize| chance.below(span) as i64 * HOUR;
    let reported_at = now + -hours(chance, 90 * 24);
    let state = State::ALL[chance.below(State::ALL.len())];
    let acts = [Action::Report, Action::HandIn, Action::Rework, Action::Merge];
    let mut last = Step::new(PersonId(1), reported_at + hours(chance, 240), acts[chance.below(acts.len())]);
    last.to = Some(state);
    let mut steps = vec![Entry { id: "last".into(), record: last }];
    let asks = if state.is_open() { &[Action::AskExtension][..] } else { &[Action::Appeal, Action::GrantAppeal] };
    for (action, id) in asks.iter().zip(["ask", "answer"]).take(chance.below(3)) {
        steps.push(Entry { id: id.into(), record: Step::new(PersonId(1), reported_at + 240 * HOUR, *action) });
    }
    let by = PersonId(1 + chance.below(4) as u32);
    let level = [SupervisionLevel::Office, SupervisionLevel::City][chance.below(2)];
    Issue {
        id: IssueId([number; 16]),
        schema: 1,
        zone: ZoneId(1 + chance.below(3) as u32),
        kind: CATALOGUE[chance.below(5)].kind,
        place_type: PlaceType::ALL[chance.below(3)],
        description: ["门口堆放", "Heaped 50%_off", "后巷"][chance.below(3)].into(),
        place: Place { address: format!("幸福路 {} 号", chance.below(5)), ..Place::default() },
        severity: Severity::Ordinary,
        reporter: by,
        reported_at,
        state,
        assignee: some(chance, 0.6, |chance| PersonId(1 + chance.below(4) as u32)),
        responsible: (0..chance.below(3)).map(|_| (PersonId(1 + chance.below(4) as u32), Part::Support)).collect(),
        due: some(chance, 0.8, |chance| now + 10 * DAY + -hours(chance, 1_200)),
        extensions: chance.below(2) as u32,
        priority: false,
        supervision: some(chance, 0.2, |_| Supervision {
            level,
            number: String::new(),
            by,
            at: reported_at,
            due: None,
        }),
        duplicate_of: some(chance, 0.7, |chance| IssueId([1 + chance.below(3) as u8; 16])),
        recurrence_of: some(chance, 0.2, |_| IssueId([2; 16])),
        steps,
        remarks: (0..chance.below(4)).map(|number| contact(number, now, chance)).collect(),
        photos: BTreeMap::new(),
    }
}

fn contact(number: usize, now: Timestamp, chance: &mut Chance) -> Entry<Remark> {
    let at = now + -(chance.below(90 * 24) as i64 * HOUR);
    let contact = some(chance, 0.7, |chance| Contact {
        at,
        manner: Manner::ALL[chance.below(Manner::ALL.len())],
        result: Outcome::ALL[chance.below(Outcome::ALL.len())],
    });
    let record = Remark { contact, ..Remark::new(PersonId(1), at, "说过了".into()) };
    Entry { id: format!("remark{number:02}"), record }
}

/// Of some issues two people said something else at once.
pub fn undecided(issue: &Issue) -> Vec<Conflict> {
    let version = |value| Version { value: Value::Priority(value), by: Some(PersonId(1)), at: Some(issue.reported_at) };
    let versions = [false, true].map(version).into();
    if issue.id.0[0].is_multiple_of(9) { vec![Conflict { register: Register::Priority, versions }] } else { vec![] }
}

/// Issues with their rows in the store, as the projection makes them.
pub async fn generated(server: &TestServer, seed: u32, now: Timestamp) -> Vec<Summary> {
    generated_as(server, seed, now, |_| {}).await
}

pub async fn generated_as(
    server: &TestServer,
    seed: u32,
    now: Timestamp,
    change: impl FnMut(&mut Issue),
) -> Vec<Summary> {
    let mut chance = Chance::new(seed);
    let mut issues: Vec<Issue> = (1..=200).map(|number| invented(number, now, &mut chance)).collect();
    issues.iter_mut().for_each(change);
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    let fresh = projection::issues(&mut tx).await.expect("issues").is_empty();
    let mut all = Vec::new();
    for issue in &issues {
        let context = Context { number: &format!("2026-{:04}", issue.id.0[0]), received: &BTreeMap::new() };
        let told = Told { issue: issue.clone(), conflicts: undecided(issue) };
        let after = projection::project(&told, &BroughtBy::new(), &context);
        // Whether the writer knows that nothing stands there makes no difference.
        let before = (fresh && chance.draw() < 0.5).then(Rows::new);
        all.push(Rewrite { issue: issue.id, before, after });
    }
    projection::write(&mut tx, &all).await.expect("written");
    tx.commit().await.expect("committed");
    let number = |issue: &Issue| Some(format!("2026-{:04}", issue.id.0[0]));
    let summary = |issue: &Issue| Summary::of(issue, number(issue), !undecided(issue).is_empty());
    issues.iter().map(summary).collect()
}
