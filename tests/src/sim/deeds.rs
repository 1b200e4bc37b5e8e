//! What people write on a phone: edits with everything that their action needs, as the app's forms would make them.
//! Knows no engine. Record ids are counted, so that a trace is the same each time.

use std::collections::BTreeMap;
use std::io::Cursor;

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Conflict, Edit, Report};
use xiaohao_shared::id::{IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::policy::allowed;
use xiaohao_shared::model::workflow::{Action, Rule};
use xiaohao_shared::model::{Contact, Issue, Manner, Outcome, Person, Photo, Place, Remark, Severity, Stage, Step};
use xiaohao_shared::time::{DAY, Timestamp};

/// One act: its number in the world, who does it, and what his clock says.
#[derive(Clone, Copy)]
pub struct Deed<'a> {
    pub number: usize,
    pub by: &'a Person,
    pub at: Timestamp,
}

impl Deed<'_> {
    pub fn record(self) -> String {
        format!("{:08}", self.number)
    }

    pub fn new_issue(self) -> IssueId {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&(self.number as u64).to_be_bytes());
        IssueId::new(self.at.0.unsigned_abs(), random)
    }

    pub fn report(self, zone: ZoneId) -> Edit {
        let report = Report {
            zone,
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: format!("第{}件", self.number),
            place: Place { address: "解放路12号".into(), ..Place::default() },
            severity: Severity::Ordinary,
            photos: self.photos(&[Stage::Before]),
        };
        Edit::report(self.record(), self.by.id, self.at, report)
    }

    pub fn remark(self) -> Edit {
        let text = format!("第{}条", self.number);
        let contact = Contact { at: self.at, manner: Manner::Door, result: Outcome::Agreed };
        let contact = Some(contact).filter(|_| self.number.is_multiple_of(3));
        Edit::remark(self.record(), Remark { contact, ..Remark::new(self.by.id, self.at, text) })
    }

    pub fn moved(self, issue: &Issue, zone: ZoneId) -> Edit {
        let step = Step { from: Some(issue.state), ..Step::new(self.by.id, self.at, Action::Amend) };
        Edit::step(self.record(), step).with(Value::Zone(zone))
    }

    /// One of what the app would offer; nothing where it offers nothing.
    pub fn step(self, issue: &Issue, conflicts: &[Conflict], other: IssueId, choice: usize) -> Option<Edit> {
        if let Some(conflict) = conflicts.first().filter(|_| choice.is_multiple_of(3)) {
            let step = Step { from: Some(issue.state), ..Step::new(self.by.id, self.at, Action::Decide) };
            return Some(Edit::step(self.record(), step).with(conflict.versions[0].value.clone()));
        }
        let offered: Vec<_> = allowed(self.by, issue).collect();
        let rule = offered.get(choice % offered.len().max(1))?;
        Some(self.filled(issue, other, rule))
    }

    fn filled(self, issue: &Issue, other: IssueId, rule: &Rule) -> Edit {
        let step = Step {
            from: Some(issue.state),
            to: rule.to,
            reason: "现场情况属实".into(),
            until: rule.needs.until.then_some(self.until(issue, rule.action)),
            ..Step::new(self.by.id, self.at, rule.action)
        };
        let edit = Edit::step(self.record(), step);
        let edit = self.values(issue, other, rule.action).into_iter().fold(edit, Edit::with);
        match rule.action {
            Action::Photograph => edit.with_photos(self.photos(&[Stage::During])),
            _ => edit.with_photos(self.photos(rule.needs.photos)),
        }
    }

    /// More time is later than the deadline that stands.
    fn until(self, issue: &Issue, action: Action) -> Timestamp {
        let more = matches!(action, Action::AskExtension | Action::Extend);
        issue.due.filter(|_| more).map_or(self.at, |due| due.max(self.at)) + DAY
    }

    fn values(self, issue: &Issue, other: IssueId, action: Action) -> Vec<Value> {
        match action {
            Action::Dispatch | Action::Assign => vec![Value::Assignee(Some(self.someone(issue)))],
            Action::Extend => vec![Value::Extensions(issue.extensions + 1)],
            Action::Suspend => vec![Value::Due(Some(self.at + DAY))],
            Action::MarkDuplicate | Action::Merge => vec![Value::DuplicateOf(Some(other))],
            Action::Amend => vec![Value::Description(format!("更正{}", self.number))],
            _ => Vec::new(),
        }
    }

    /// Whoever reported, or the desk itself.
    fn someone(self, issue: &Issue) -> PersonId {
        if self.number.is_multiple_of(2) { issue.reporter } else { self.by.id }
    }

    fn photos(self, stages: &[Stage]) -> BTreeMap<PhotoId, Photo> {
        let photo = |stage: &Stage| Photo {
            stage: *stage,
            by: self.by.id,
            taken_at: self.at,
            w: 1600,
            h: 1200,
            size: 180_000,
            mime: "image/jpeg".into(),
            thumb: None,
        };
        stages.iter().map(|stage| (name_of(&picture(self.number, *stage)), photo(stage))).collect()
    }
}

/// A picture that nobody else takes.
pub fn picture(number: usize, stage: Stage) -> Vec<u8> {
    let pixels = [(number as u64).to_be_bytes().as_slice(), &[stage as u8]].concat();
    let pixels = image::GrayImage::from_raw(9, 1, pixels).expect("nine pixels");
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::ImageLuma8(pixels).write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

fn name_of(picture: &[u8]) -> PhotoId {
    PhotoId(Sha256::digest(picture).into())
}
