//! What is filled in and not yet reported: kept on the phone at every change, so that closing the app at any moment
//! loses nothing, and turned into edits at the end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use xiaohao_shared::doc::{Edit, Report};
use xiaohao_shared::id::{IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::{Kind, PlaceType};
use xiaohao_shared::model::likeness::Spot;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Fix, Issue, Photo, Place, Remark, Severity, Stage, Step};

use crate::components::Ui;
use crate::components::camera::Camera;
use crate::components::fields::Wire;
use crate::components::lean::follow;
use crate::components::photos::Shots;
use crate::components::wish::Signature;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Chosen at the beginning: should the app die between saving and forgetting the draft, the second save is seen to be one.
    pub issue: IssueId,
    pub kind: Option<Kind>,
    pub shots: Shots,
    pub zone: Option<ZoneId>,
    /// Chosen by hand: a position does not change it any more.
    #[serde(default)]
    pub zone_chosen: bool,
    pub address: String,
    pub landmark: String,
    pub fix: Option<Fix>,
    pub description: String,
    pub severity: Severity,
    pub place_type: PlaceType,
    /// 即查即改: it is fixed already, with a photo of after.
    pub fixed: bool,
    /// Whoever reports says that it is none of those that were struck off here.
    #[serde(default)]
    pub fresh: bool,
}

impl Draft {
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.shots.is_empty() && self.description.is_empty()
    }

    fn photos(&self, wanted: impl Fn(Stage) -> bool) -> BTreeMap<PhotoId, Photo> {
        self.shots.iter().filter(|(_, photo)| wanted(photo.stage)).cloned().collect()
    }

    /// The first change of the issue; `None` while kind or zone are not chosen.
    pub fn report(&self, sign: Signature) -> Option<Edit> {
        let report = Report {
            zone: self.zone?,
            kind: self.kind?,
            place_type: self.place_type,
            description: self.description.trim().into(),
            place: Place {
                address: self.address.trim().into(),
                landmark: self.landmark.trim().into(),
                fix: self.fix.clone(),
            },
            severity: self.severity,
            photos: self.photos(|stage| stage != Stage::After),
        };
        Some(Edit::report(sign.record, sign.by, sign.at, report))
    }

    /// Where to look for one like it; `None` while it has no kind.
    pub fn spot(&self) -> Option<Spot> {
        let position = self.fix.as_ref().map(|fix| (fix.lat, fix.lon));
        let words = [&self.address, &self.landmark].map(|text| text.trim().to_owned()).into();
        Some(Spot { kind: self.kind?, zone: self.zone, position, words })
    }

    /// The same as one more look at an issue that stands: its photos and words. `otherwise`, where there are no words.
    pub fn addition(&self, issue: &Issue, sign: Signature, otherwise: &str) -> Edit {
        let photos = self.photos(|_| true);
        let said = Some(self.description.trim()).filter(|text| !text.is_empty());
        if photos.is_empty() {
            let remark = Remark::new(sign.by, sign.at, said.unwrap_or(otherwise).into());
            return Edit::remark(sign.record, remark);
        }
        let reason = said.unwrap_or_default().into();
        let step = Step { from: Some(issue.state), reason, ..Step::new(sign.by, sign.at, Action::Photograph) };
        Edit::step(sign.record, step).with_photos(photos)
    }

    /// The second change of an issue that was fixed on the spot.
    pub fn fixed_on_spot(&self, sign: Signature) -> Option<Edit> {
        let step = Step {
            from: Some(State::Reported),
            to: Some(State::Closed),
            ..Step::new(sign.by, sign.at, Action::FixOnSpot)
        };
        let after = self.photos(|stage| stage == Stage::After);
        self.fixed.then(|| Edit::step(sign.record, step).with_photos(after))
    }

    /// What keeps it from being reported.
    pub fn lacks(&self) -> Option<Lack> {
        let has = |stage| self.shots.iter().any(|(_, photo)| photo.stage == stage);
        match () {
            () if self.kind.is_none() => Some(Lack::Kind),
            () if self.zone.is_none() => Some(Lack::Zone),
            () if self.fixed && !has(Stage::Before) => Some(Lack::Before),
            () if self.fixed && !has(Stage::After) => Some(Lack::After),
            () => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    Kind,
    Zone,
    Before,
    After,
}

impl Draft {
    /// A blank one. What the last report said of the place stays: the next is most often from the same alley.
    pub fn after(self, issue: IssueId) -> Self {
        let Self { zone, fix, place_type, .. } = self;
        Self { zone, fix, place_type, ..Self::new(issue) }
    }

    pub fn new(issue: IssueId) -> Self {
        Self {
            issue,
            kind: None,
            shots: Shots::new(),
            zone: None,
            zone_chosen: false,
            address: String::new(),
            landmark: String::new(),
            fix: None,
            description: String::new(),
            severity: Severity::default(),
            place_type: PlaceType::default(),
            fixed: false,
            fresh: false,
        }
    }
}

/// The signals behind the page.
#[derive(Clone, Copy)]
pub struct Form {
    pub draft: RwSignal<Draft>,
    /// Apart, because the camera writes them while the person types elsewhere.
    pub camera: Camera,
    /// Whether there is a form to fill: one that shows before the kept draft was read would lose what is tapped meanwhile.
    pub ready: RwSignal<bool>,
    /// Whether the kept draft was looked for; before that nothing may overwrite it.
    pub loaded: RwSignal<bool>,
    /// Whether the report may be saved already: the draft is one of last time, or an attempt failed halfway.
    pub doubtful: StoredValue<bool>,
}

impl Form {
    pub fn new(issue: IssueId) -> Self {
        Self {
            draft: RwSignal::new(Draft::new(issue)),
            camera: Camera::default(),
            ready: RwSignal::new(false),
            loaded: RwSignal::new(false),
            doubtful: StoredValue::new(false),
        }
    }

    pub fn whole(&self) -> Draft {
        Draft { shots: self.camera.shots.get(), ..self.draft.get() }
    }

    pub fn fill(&self, draft: Draft) {
        self.camera.shots.set(draft.shots.clone());
        self.draft.set(draft);
    }

    /// A field for a text of the draft.
    pub fn wire(self, of: fn(&mut Draft) -> &mut String) -> Wire {
        let read = move || self.draft.with(|draft| of(&mut draft.clone()).clone());
        Wire::new(read, move |value| self.draft.update(|draft| *of(draft) = value))
    }
}

/// Keeps the draft at every change: one write at a time, the newest state always last.
pub fn keep_draft(ui: Ui, form: Form) {
    let latest = Rc::new(RefCell::new(None::<Draft>));
    let writing = Rc::new(Cell::new(false));
    follow(move || {
        let draft = form.whole();
        if !form.loaded.get() || draft.is_empty() {
            return;
        }
        latest.replace(Some(draft));
        if writing.replace(true) {
            return;
        }
        let (latest, writing) = (latest.clone(), writing.clone());
        spawn_local(async move {
            loop {
                let next = latest.take();
                let Some(draft) = next else { break };
                if !ui.client.save_draft(&draft).await {
                    ui.warn(ui.t.draft_not_kept);
                }
            }
            writing.set(false);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::id::PersonId;
    use xiaohao_shared::model::catalogue::CATALOGUE;
    use xiaohao_shared::model::policy::{Known, judge};
    use xiaohao_shared::model::{Duty, Person, Role};
    use xiaohao_shared::time::Timestamp;

    fn shot(stage: Stage) -> (PhotoId, Photo) {
        let photo = Photo {
            stage,
            by: PersonId(2),
            taken_at: Timestamp(1),
            w: 4,
            h: 3,
            size: 9,
            mime: "image/jpeg".into(),
            thumb: None,
        };
        (PhotoId([stage as u8; 32]), photo)
    }

    fn draft() -> Draft {
        Draft {
            issue: IssueId([7; 16]),
            kind: Some(CATALOGUE[6].kind),
            shots: vec![shot(Stage::Before), shot(Stage::After)],
            zone: Some(ZoneId(1)),
            zone_chosen: true,
            address: " 人民路 12 号 ".into(),
            landmark: String::new(),
            fix: None,
            description: String::new(),
            severity: Severity::Ordinary,
            place_type: PlaceType::default(),
            fixed: true,
            fresh: false,
        }
    }

    fn signature() -> Signature {
        Signature { by: PersonId(2), at: Timestamp(5), record: "record01".into() }
    }

    #[test]
    fn a_kind_and_a_zone_are_all_that_a_report_needs() {
        let bare = Draft { shots: vec![], address: String::new(), fixed: false, ..draft() };
        assert_eq!(bare.lacks(), None);
        let me = Person {
            id: PersonId(2),
            name: String::new(),
            role: Role::Cadre,
            zones: [ZoneId(1)].into(),
            active: true,
            duties: Duty::all(),
        };
        let known = Known { zones: [ZoneId(1)].into(), ..Known::default() };
        assert_eq!(judge(&me, None, &bare.report(signature()).unwrap(), &known), Ok(()));
        assert!(bare.fixed_on_spot(signature()).is_none());
    }

    #[test]
    fn fixed_on_the_spot_needs_both_photos_and_sends_the_second_with_the_second_step() {
        assert_eq!(Draft { shots: vec![shot(Stage::Before)], ..draft() }.lacks(), Some(Lack::After));
        assert_eq!(draft().lacks(), None);
        let (report, fixed) = (draft().report(signature()).unwrap(), draft().fixed_on_spot(signature()).unwrap());
        assert!(report.photos.values().all(|photo| photo.stage == Stage::Before));
        assert!(fixed.photos.values().all(|photo| photo.stage == Stage::After) && fixed.photos.len() == 1);
    }

    #[test]
    fn a_draft_reads_back_as_it_was() {
        let text = serde_json::to_string(&draft()).unwrap();
        assert_eq!(serde_json::from_str::<Draft>(&text).unwrap(), draft());
    }
}
