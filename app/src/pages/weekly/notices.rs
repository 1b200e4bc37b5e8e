//! Every notice of a list, one after the other, each on sheets of its own: the whole office is printed at once. What a notice looks like,
//! the parent knows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Notice, Weekly, WeeklyUnit};

use super::{sheet, unit_name};
use crate::client::CallError;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, shown};
use crate::pages::paper::print_button;
use crate::pages::{call_error, failed, head};
use crate::texts::fill;

/// A notice, and whose it is.
type Of = (u32, Notice);

#[derive(Clone)]
enum Gathered {
    /// So many of so many are here.
    Running(usize, usize),
    Here(Vec<Of>),
    Not(String),
}

pub(super) fn notices(ui: Ui, number: &str) -> AnyView {
    let t = ui.t;
    let (gathered, number) = (RwSignal::new(Gathered::Running(0, 0)), number.to_string());
    let gather = {
        let number = number.clone();
        move || {
            gathered.set(Gathered::Running(0, 0));
            spawn_local(gather(ui, number.clone(), gathered));
        }
    };
    gather();
    let page = shown(move || match gathered.get() {
        Gathered::Running(here, of) => running(ui, here, of),
        Gathered::Not(why) => all([failed(why, "no-answer"), button("plain", "ask-again", t.retry, gather.clone())]),
        Gathered::Here(notices) if notices.is_empty() => view! { <p class="empty">{t.nothing_pressing}</p> }.into_any(),
        Gathered::Here(notices) => all(notices
            .into_iter()
            .map(|(person, notice)| sheet(ui, &unit_name(ui, person), &person.to_string(), notice))),
    });
    all([head(ui, &fill(t.notices_of, &[&number]), true, print_button(ui, ".notice-sheet")), page])
}

fn running(ui: Ui, here: usize, of: usize) -> AnyView {
    let words = fill(ui.t.notices_come, &[&here, &of]);
    view! {
        <div class="progressing">
            <progress aria-label=ui.t.loading max=of.max(1).to_string() value=here.to_string() />
            <p class="dim" role="status">{words}</p>
        </div>
    }
    .into_any()
}

async fn gather(ui: Ui, number: String, gathered: RwSignal<Gathered>) {
    let found = fetched(ui, &number, gathered).await;
    gathered.try_set(match found {
        Ok(notices) => Gathered::Here(notices),
        Err(error) => Gathered::Not(call_error(ui.t, &error)),
    });
}

/// One after the other, and no further once the page is left.
async fn fetched(ui: Ui, number: &str, gathered: RwSignal<Gathered>) -> Result<Vec<Of>, CallError> {
    let Weekly { units, .. } = ui.client.get(&format!("/api/weekly/{number}")).await?;
    let mut notices = Vec::new();
    for WeeklyUnit { person, .. } in &units {
        if gathered.try_set(Gathered::Running(notices.len(), units.len())).is_some() {
            break;
        }
        let person = person.map_or(0, |person| person.0);
        notices.push((person, ui.client.get(&format!("/api/weekly/{number}/{person}")).await?));
    }
    Ok(notices)
}
