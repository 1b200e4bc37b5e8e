//! How long the office keeps what it may let go of. An empty field means for ever, and so does an office that says nothing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::Privacy;
use xiaohao_shared::model::retention::{LEAST, Retention};

use crate::components::Ui;
use crate::components::fields::{line, submit};
use crate::components::lean::{flag, maybe, submitted};
use crate::pages::fetched::Fetched;
use crate::pages::{call_error, failed};
use crate::texts::fill;

#[derive(Clone, Copy)]
struct Fields {
    photos: RwSignal<String>,
    evidence: RwSignal<String>,
    patrols: RwSignal<String>,
    tipsters: RwSignal<String>,
}

impl Fields {
    fn of(rule: &Retention) -> Self {
        let field = |months: Option<u32>| RwSignal::new(months.map(|months| months.to_string()).unwrap_or_default());
        Self {
            photos: field(rule.photos),
            evidence: field(rule.evidence),
            patrols: field(rule.patrols),
            tipsters: field(rule.tipsters),
        }
    }

    /// `None` where a field is no number, or too small a one.
    fn rule(self) -> Option<Retention> {
        let months = |field: RwSignal<String>| match field.get().trim() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        let rule = Retention {
            photos: months(self.photos)?,
            evidence: months(self.evidence)?,
            patrols: months(self.patrols)?,
            tipsters: months(self.tipsters)?,
        };
        rule.is_allowed().then_some(rule)
    }
}

pub fn retention(ui: Ui) -> AnyView {
    let found = Fetched::<Privacy>::new();
    found.ask(ui, "/api/privacy".into());
    let form = found.shown(ui, move |told| form(ui, &told.rule));
    view! {
        <section class="panel" data-testid="retention">
            <h2 id="retention" tabindex="-1">{ui.t.retention}</h2>
            <p class="prose">{ui.t.retention_about}</p>
            {form}
        </section>
    }
    .into_any()
}

fn form(ui: Ui, rule: &Retention) -> AnyView {
    let t = ui.t;
    let fields = Fields::of(rule);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let save = submitted(move || {
        let Some(wish) = untrack(|| fields.rule()) else { return };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match ui.client.post::<_, Retention>("/api/admin/retention", &wish).await {
                Ok(_) => ui.say(t.saved_office),
                Err(why) => drop(error.try_set(call_error(t, &why))),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || {
        let lack = if fields.rule().is_none() { t.retention_wrong.into() } else { error.get() };
        (!lack.is_empty()).then(|| failed(lack, "retention-error"))
    });
    let off = flag(move || fields.rule().is_none());
    let months = |label: &'static str, least: Option<u32>, field: RwSignal<String>, testid: &'static str| {
        line(label, field.into(), &fill(t.retention_hint, &[&least.unwrap_or_default()]), "3", testid)
    };
    view! {
        <form class="action-form" on:submit=save>
            {months(t.retention_photos, LEAST.photos, fields.photos, "keep-photos")}
            {months(t.retention_evidence, LEAST.evidence, fields.evidence, "keep-evidence")}
            {months(t.retention_patrols, LEAST.patrols, fields.patrols, "keep-patrols")}
            {months(t.retention_tipsters, LEAST.tipsters, fields.tipsters, "keep-tipsters")} {why}
            {submit(ui, "primary wide", "save-retention", t.save.into(), busy.into(), off)}
        </form>
    }
    .into_any()
}
