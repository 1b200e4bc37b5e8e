//! Rounds that only this phone has: those on their way, and those that the office refused, with its reason.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::ProblemKind;

use super::asked_first;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, flag, given, shown};
use crate::store::errands::Errand;
use crate::texts::fill;

pub fn patrols(ui: Ui) -> AnyView {
    let list = shown(move || all(ui.client.errands.get().iter().filter_map(|errand| one(ui, errand))));
    let none = flag(move || ui.client.errands.with(|errands| errands.iter().all(|errand| errand.patrol().is_none())));
    view! {
        <section class="panel unsent-list" hidden=none data-testid="unsent-patrols">
            <h2>{ui.t.patrols_unsent}</h2>
            <ul>{list}</ul>
        </section>
    }
    .into_any()
}

/// `东街片区 · 今天 08:05 · 3`
pub fn patrol_words(ui: Ui, errand: &Errand) -> Option<String> {
    let patrol = errand.patrol()?;
    Some(fill(ui.t.patrol_line, &[&ui.zone(patrol.zone), &ui.when(patrol.begun_at), &patrol.found]))
}

fn one(ui: Ui, errand: &Errand) -> Option<AnyView> {
    let line = patrol_words(ui, errand)?;
    let key = StoredValue::new(errand.key());
    let dismiss = move || spawn_local(async move { ui.client.dismiss_errand(&key.get_value()).await });
    let again = StoredValue::new(errand.clone());
    let again = move || spawn_local(async move { ui.client.tell_again(again.get_value()).await });
    let refusal = errand.refusal.map(|why| {
        let words = if why == ProblemKind::Forbidden { ui.t.patrol_not_yours } else { ui.t.patrol_not_taken };
        let give_up = asked_first(ui, ui.t.patrol_give_up, "dismiss-patrol", dismiss);
        let again = button("plain", "patrol-again", ui.t.patrol_again, again);
        view! { <p class="error">{words}</p> {again} {give_up} }.into_any()
    });
    Some(view! { <li><span>{line}</span> {given(refusal)}</li> }.into_any())
}
