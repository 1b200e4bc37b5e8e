//! What the office keeps about whoever uses the app, for how long, and who may see it. The words are always here; times and
//! counts are the office's own and need its answer.

use leptos::prelude::*;
use xiaohao_shared::api::{About, Privacy};

use super::fetched::Fetched;
use super::head;
use crate::components::Ui;
use crate::components::lean::{all, nothing};
use crate::texts::fill;

pub fn privacy(ui: Ui) -> AnyView {
    let t = ui.t;
    let found = Fetched::<Privacy>::new();
    found.ask(ui, "/api/privacy".into());
    let never = view! {
        <section class="panel" data-testid="privacy-never">
            <h2>{t.privacy_never}</h2>
            <p class="prose">{t.privacy_never_text}</p>
        </section>
    };
    let about = view! { <p class="prose">{t.privacy_about}</p> };
    let shown = found.shown(ui, move |told| all(records(ui, &told)));
    all([head(ui, t.privacy, true, nothing()), about.into_any(), never.into_any(), shown])
}

fn records(ui: Ui, told: &Privacy) -> Vec<AnyView> {
    let t = ui.t;
    let About { reported, steps, photos, rounds, devices, audit, proofs, views } = told.about;
    let days = fill(t.keep_days, &[&told.audit_days]);
    let photos_go = match told.rule.photos {
        Some(months) => fill(t.keep_photos, &[&months]),
        None => t.keep_always.into(),
    };
    [
        (t.privacy_issues, fill(t.privacy_issues_n, &[&reported, &steps]), t.keep_record.into(), t.privacy_zone_sees),
        (t.privacy_photos, fill(t.records_n, &[&photos]), photos_go, t.privacy_zone_sees),
        (t.privacy_rounds, fill(t.records_n, &[&rounds]), months(ui, told.rule.patrols), t.privacy_desk_sees),
        (t.privacy_devices, fill(t.records_n, &[&devices]), t.keep_always.into(), t.privacy_office_sees),
        (t.privacy_proofs, fill(t.records_n, &[&proofs]), t.keep_always.into(), t.privacy_security_sees),
        (t.privacy_views, fill(t.records_n, &[&views]), t.keep_always.into(), t.privacy_only_you),
        (t.privacy_audit, fill(t.records_n, &[&audit]), days, t.privacy_audit_sees),
        (t.privacy_refused, String::new(), months(ui, told.rule.evidence), t.privacy_desk_sees),
    ]
    .into_iter()
    .map(|record| panel(ui, record))
    .collect()
}

fn months(ui: Ui, months: Option<u32>) -> String {
    months.map_or_else(|| ui.t.keep_always.into(), |months| fill(ui.t.keep_months, &[&months]))
}

fn panel(ui: Ui, (what, count, long, who): (&'static str, String, String, &'static str)) -> AnyView {
    let t = ui.t;
    let list = [(t.privacy_count, count), (t.privacy_long, long), (t.privacy_who, who.to_string())];
    view! {
        <section class="panel" data-testid="privacy-record">
            <h2>{what}</h2>
            <dl>{crate::components::facts(list)}</dl>
        </section>
    }
    .into_any()
}
